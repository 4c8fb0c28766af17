// SPDX-License-Identifier: Apache-2.0
/** What people are told about machines. */

import type { Log } from "../log/log.js";
import { explainProblem } from "../vm/kernel-log.js";
import type { Machine } from "../vm/machine.js";
import { describeExit, type MachineExit } from "../vm/machine-exit.js";
import type { MachineState } from "../vm/machine-registry.js";
import { formatHostEnd } from "../vm/port-forward.js";
import { machineFile } from "../vm/qemu-arguments.js";

/** How much of the kernel's report is shown; the rest is in its log. */
const excerptLines = 16;

/** Says how to reach it; nothing when it has no ports. */
export function announcePorts(log: Log, state: MachineState): void {
  for (const port of state.ports) log.info(`${state.app} listens on ${formatHostEnd(port)}`);
}

/** Says why the machine ended if that is not plain, and what was wrong with the kernel. */
export async function reportExit(log: Log, machine: Machine, exit: MachineExit): Promise<void> {
  for (const problem of await machine.problems)
    if (problem.kind !== "panic" && problem.kind !== "oops") {
      log.warn(`The kernel said: ${problem.summary}`);
      const explanation = explainProblem(problem);
      if (explanation !== undefined) log.info(explanation);
    }
  const sentence = describeExit(exit);
  if (sentence !== undefined) log.warn(sentence);
  if (exit.kind === "panic") log.info(exit.problem.lines.slice(0, excerptLines).join("\n"));
  if (exit.kind === "panic" || exit.kind === "timeout" || exit.kind === "lost")
    log.info(`The kernel's log: ${machine.directory}/${machineFile.kernel}`);
}

/** A word or two for a table: "running", "exit 0", "SIGSEGV". */
export function summariseExit(exit: MachineExit | undefined): string {
  if (exit === undefined) return "running";
  switch (exit.kind) {
    case "exit":
      return `exit ${exit.status}`;
    case "signal":
      return exit.signal ?? `signal ${exit.number}`;
    case "panic":
      return "kernel panic";
    default:
      return exit.kind;
  }
}
