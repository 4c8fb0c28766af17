// SPDX-License-Identifier: Apache-2.0
/** Trinity beside Redis: system calls with arguments that hurt, from an ordinary user's processes. */

import { readFile } from "node:fs/promises";
import { maximumSeed } from "../host/random.js";
import { loadPackageProgram } from "../image/load-package-program.js";
import { checkWhile } from "./check-while.js";
import { driveGuest } from "./drive-guest.js";
import { admitNeighbours, isNeighbour, neighbourDirectory, runAsNobody } from "./run-as-nobody.js";
import type { Scenario } from "./scenario.js";

const program = { package: "trinity", path: "/usr/bin/trinity" };
/** A line for each call: "[child0:385] [31] read(fd=373, …". */
const callPattern = "^\\[child[0-9]*:[0-9]*\\] \\[[0-9]*\\] ";
const logFile = `${neighbourDirectory}/trinity.log`;

const maximumAttempts = 5;

export const trinityScenario: Scenario = {
  name: "trinity",
  brief: "trinity as nobody beside Redis under load",
  run: async (ctx, { settings, random, machineName }) => {
    const { file, libraries } = await loadPackageProgram(ctx, program);
    const durationS = Math.ceil(settings.durationMs / 1_000);
    const seeds = random("seed");
    return driveGuest(ctx, {
      request: {
        settings,
        name: machineName,
        timeoutMs: settings.durationMs + 300_000,
        files: [{ path: program.path, mode: 0o755, data: await readFile(file) }, ...libraries],
        redisArgs: ["--save", "10", "1"],
      },
      mayEnd: isNeighbour,
      work: async (guest) => {
        await admitNeighbours(guest.shell);
        // Nobody may not reboot, but it need not be tried either.
        let calls = 0;
        const { answers, commands } = await checkWhile(ctx, guest, random("answers"), async () => {
          // With some seeds it ends before its first call.
          for (let attempt = 0; calls === 0 && attempt < maximumAttempts; attempt++) {
            const command = `trinity -l off -C 4 -s ${seeds.integer(maximumSeed)} -x reboot`;
            await runAsNobody(guest.shell, { command, durationS, logFile });
            calls = Number((await guest.shell.run(`grep -ac '${callPattern}' ${logFile}`)).output);
          }
        });
        const end = await guest.shell.succeed(`tail -c 500 ${logFile}`);
        if (!(calls > 0)) throw new Error(`trinity made no system call; it said last: ${end}`);
        ctx.log.detail(end);
        return { "system calls": calls, "answers checked": answers, "Redis commands": commands };
      },
    });
  },
};
