// SPDX-License-Identifier: Apache-2.0
/** Stress-ng beside Redis: rounds of a few stressors each, drawn from those that meet what UKL changes in the kernel. */

import { readFile } from "node:fs/promises";
import { maximumSeed, type Random } from "../host/random.js";
import { loadPackageProgram } from "../image/load-package-program.js";
import type { GuestShell } from "../vm/guest-shell.js";
import { checkWhile } from "./check-while.js";
import { driveGuest } from "./drive-guest.js";
import { admitNeighbours, isNeighbour, neighbourDirectory, runAsNobody } from "./run-as-nobody.js";
import type { Scenario } from "./scenario.js";

const program = { package: "stress-ng", path: "/usr/bin/stress-ng" };
const logFile = "/run/stress-ng.log";

export const stressNgScenario: Scenario = {
  name: "stress-ng",
  brief: "stress-ng as nobody beside Redis under load",
  run: async (ctx, { settings, random, machineName }) => {
    const { file, libraries } = await loadPackageProgram(ctx, program);
    const seconds = Math.ceil(settings.durationMs / 1_000);
    const rounds = Math.max(1, Math.round(seconds / roundS));
    return driveGuest(ctx, {
      request: {
        settings,
        name: machineName,
        timeoutMs: settings.durationMs * 2 + 300_000,
        files: [{ path: program.path, mode: 0o755, data: await readFile(file) }, ...libraries],
        redisArgs: ["--save", "10", "1"],
      },
      mayEnd: isNeighbour,
      work: async (guest) => {
        await admitNeighbours(guest.shell);
        const { result, answers, commands } = await checkWhile(ctx, guest, random("answers"), async () => {
          const draw = random("stressors");
          let operations = 0;
          for (let round = 0; round < rounds; round++) {
            ctx.log.progress(round, rounds);
            const command = drawCommand(draw, Math.ceil(seconds / rounds));
            ctx.log.detail(`$ ${command}`);
            operations += await runRound(guest.shell, command, Math.ceil(seconds / rounds));
          }
          return operations;
        });
        return { rounds, operations: result, "answers checked": answers, "Redis commands": commands };
      },
    });
  },
};

const roundS = 20;
const stressorsARound = 6;

/**
 * Entry, exit, faults, signals, switches, address spaces, processes; calls that are wrong on purpose.
 *
 * Not "opcode": QEMU before 9.1 carries out a ring-3 process's IRET and far returns with the kernel's rights, and then
 * the stock kernel, too, reports a fault of its own.
 */
const stressors = [
  ...["affinity", "aio", "bad-altstack", "clone", "context", "cpu", "daemon", "dentry", "dup", "enosys"],
  ...["epoll", "eventfd", "exec", "fault", "fifo", "fork", "futex", "get", "hdd", "hrtimers", "itimer"],
  ...["kill", "madvise", "membarrier", "mincore", "mlock", "mmap", "mprotect", "mremap", "msg", "munmap"],
  ...["mutex", "nice", "nop", "null", "pipe", "poll", "procfs", "pthread", "rseq", "schedpolicy", "sem"],
  ...["shm", "sigabrt", "sigchld", "sigfpe", "signal", "sigpending", "sigpipe", "sigq", "sigrt", "sigsegv"],
  ...["sigsuspend", "sigtrap", "sock", "spawn", "stack", "stackmmap", "switch", "sysbadaddr", "sysfs"],
  ...["sysinfo", "sysinval", "timer", "timerfd", "udp", "utime", "vdso", "vfork", "vm", "wait", "yield"],
  ...["zombie"],
] as const;

/** The sizes that are too large for a small machine. */
const sizes = [
  ...["--vm-bytes", "16m", "--mmap-bytes", "16m", "--hdd-bytes", "8m", "--mremap-bytes", "8m"],
  ...[
    "--shm-bytes",
    "4m",
    "--zombie-max",
    "50",
    "--fork-max",
    "4",
    "--vfork-max",
    "4",
    "--pthread-max",
    "16",
  ],
];

function drawCommand(random: Random, seconds: number): string {
  return [
    ...["stress-ng", "--seed", String(random.integer(maximumSeed)), "--timeout", String(seconds)],
    ...["--temp-path", neighbourDirectory, "--oomable", "--metrics-brief"],
    ...random.sample(stressors, stressorsARound).flatMap((name) => [`--${name}`, "1"]),
    ...sizes,
  ].join(" ");
}

/** Returns stress-ng's count of what was done. @throws Error when nothing was */
async function runRound(shell: GuestShell, command: string, seconds: number): Promise<number> {
  const status = await runAsNobody(shell, { command, durationS: seconds + graceS, logFile });
  const log = (await shell.run(`cat ${logFile}`)).output;
  const operations = countOperations(log);
  if (operations > 0) return operations;
  throw new Error(`stress-ng did nothing (status ${status}): ${log.slice(-1_000)}`);
}

/** For all of them to end. */
const graceS = 20;

/** "stress-ng: metrc: [73] fork  501  15.02 …": the name, what was done, and figures with a fraction. */
function countOperations(log: string): number {
  const rows = [...log.matchAll(/^stress-ng: (?:metrc|info): +\[\d+\] [\w-]+ +(\d+) +\d+\.\d+ /gm)];
  return rows.reduce((sum, [, count]) => sum + Number(count), 0);
}
