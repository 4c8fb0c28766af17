// SPDX-License-Identifier: Apache-2.0
/** A program in ring 0 that starts and ends a thousand times, and has left nothing in the kernel. */

import type { GuestShell } from "../vm/guest-shell.js";
import { driveGuest } from "./drive-guest.js";
import { findLeaks, type KernelUsage, parseAvailableKib, parseSlabInfo } from "./kernel-usage.js";
import { loadGuestTests, runGuestTests } from "./run-guest-tests.js";
import type { Figures, Scenario } from "./scenario.js";
import type { StressSettings } from "./stress-settings.js";

const tests = ["programs_leave_nothing_behind"];
/** Of kernel/overlay/tools/testing/selftests/ukl/limits.c. */
const cyclesOfScale = 25;

export const startExitScenario: Scenario = {
  name: "start-exit",
  brief: "a program in ring 0 that starts and ends again and again, with all that the kernel holds counted",
  run: async (ctx, { settings, machineName }) =>
    driveGuest(ctx, {
      request: {
        settings,
        name: machineName,
        timeoutMs: 120_000 + settings.counts.scale * 60_000,
        files: await loadGuestTests(ctx, settings),
        redisArgs: ["--save", "''"],
      },
      work: ({ shell }) => countCycles(shell, settings),
    }),
};

async function countCycles(shell: GuestShell, settings: StressSettings): Promise<Figures> {
  const { cpus, counts } = settings;
  const { scale } = counts;
  const cycles = cyclesOfScale * scale;
  const tolerance = { objects: cycles / 2, cpus, memoryKib: 4_096, processes: 3 };
  await runGuestTests(shell, tests, 1);
  const before = await measureUsage(shell);
  await runGuestTests(shell, tests, scale);
  const after = await measureUsage(shell);
  const leaks = findLeaks(before, after, tolerance);
  if (leaks.length > 0) throw new Error(`${cycles} starts left ${leaks.join(", ")}`);

  const planted = findLeaks(after, await plantLeak(shell, cycles), tolerance);
  const kinds = [/ more objects of /, / less memory$/, / more processes$/];
  const unseen = kinds.filter((kind) => !planted.some((leak) => kind.test(leak)));
  // Without /proc/slabinfo there is nothing to be seen in it.
  if (unseen.length > (after.slabs.size === 0 ? 1 : 0))
    throw new Error(`A leak that was planted was not seen; what was: ${planted.join(", ") || "nothing"}`);
  return {
    cycles,
    "kinds of objects": after.slabs.size,
    "KiB less memory": before.availableKib - after.availableKib,
    "more processes": after.processes - before.processes,
    "planted leaks seen": planted.length,
  };
}

async function measureUsage(shell: GuestShell): Promise<KernelUsage> {
  const text = await shell.succeed(
    [
      "echo 3 > /proc/sys/vm/drop_caches",
      // What a CPU keeps for itself counts as in use until it is given back.
      "for cache in /sys/kernel/slab/*/shrink; do echo 1 > $cache; done",
      "echo 1 > /proc/sys/vm/stat_refresh",
      "cat /proc/meminfo",
      "set -- /proc/[0-9]*; echo processes $#",
      "cat /proc/slabinfo || true",
      `echo "areas $(grep -vc unpurged /proc/vmallocinfo)"`,
    ].join("\n"),
  );
  const slabs = parseSlabInfo(text);
  // The kernel keeps the areas of freed stacks until they are many, as objects in use.
  if (slabs.has("vmap_area"))
    slabs.set("vmap_area", { active: Number(/^areas (\d+)$/m.exec(text)?.[1]), perSlab: 0 });
  return {
    slabs,
    availableKib: parseAvailableKib(text),
    processes: Number(/^processes (\d+)$/m.exec(text)?.[1]),
  };
}

const plantedProcesses = 10;

/** One file a cycle and one large one, in memory, and some processes. Returns what is seen of it; takes it away. */
async function plantLeak(shell: GuestShell, files: number): Promise<KernelUsage> {
  const directory = "/run/leak";
  await shell.succeed(
    [
      `mkdir ${directory} && cd ${directory}`,
      `i=0; while [ $i -lt ${files} ]; do : > $i; i=$((i + 1)); done`,
      "dd if=/dev/zero of=large bs=1M count=8",
      `i=0; while [ $i -lt ${plantedProcesses} ]; do sleep 3600 & i=$((i + 1)); done`,
    ].join("\n"),
  );
  const usage = await measureUsage(shell);
  await shell.succeed(`rm -r ${directory}; killall sleep`);
  return usage;
}
