// SPDX-License-Identifier: Apache-2.0
/** Programs that take all memory beside Redis: the kernel ends them and nobody else. */

import { addUklNote } from "../elf/ukl-note.js";
import { loadBusybox } from "../image/load-busybox.js";
import { checkWhile } from "./check-while.js";
import { driveGuest } from "./drive-guest.js";
import type { Scenario } from "./scenario.js";
import type { Guest } from "./start-guest.js";

const hogs = ["/ring3/awk", "/ring0/awk"] as const;
const hogName = "awk";
/** Each is a string twice as long as the last one: written by the program itself, so that it takes the faults. */
const doubling = `'BEGIN { s = "0123456789abcdef"; while (1) s = s s }'`;

export const memoryScenario: Scenario = {
  name: "memory",
  brief: "programs in ring 3 and ring 0 that take all memory, until the kernel ends them",
  run: async (ctx, { settings, random, machineName }) => {
    const data = await loadBusybox(ctx);
    // The same program, unmodified: the note lets it start in ring 0.
    const ring0 = addUklNote(data, { kernelBuildId: undefined }, "busybox");
    return driveGuest(ctx, {
      request: {
        settings,
        name: machineName,
        // Soon exhausted.
        memoryMib: 192,
        timeoutMs: 120_000 + settings.counts.hogs * 120_000,
        files: [
          { path: hogs[0], mode: 0o755, data },
          { path: hogs[1], mode: 0o755, data: ring0 },
        ],
        redisArgs: ["--save", "''"],
      },
      mayEnd: ({ name }) => name === hogName,
      work: async (guest) => {
        // Growing is never refused: it is the use that fails.
        await guest.shell.succeed("echo 1 > /proc/sys/vm/overcommit_memory");
        const { result, answers, commands } = await checkWhile(ctx, guest, random("answers"), () =>
          runHogs(guest, settings.counts.hogs),
        );
        return { "hogs ended": result, "answers checked": answers, "Redis commands": commands };
      },
    });
  },
};

const killedStatus = 137;

async function runHogs({ shell }: Guest, times: number): Promise<number> {
  let ended = 0;
  for (let round = 0; round < times; round++)
    for (const hog of hogs) {
      const { status, output } = await shell.run(`${hog} ${doubling}`);
      if (status !== killedStatus)
        throw new Error(`${hog} ended with status ${status} instead of being killed: ${output}`);
      ended += 1;
    }
  return ended;
}
