// SPDX-License-Identifier: Apache-2.0
/** How a machine ended, what to say about it, and the exit status that stands for it. */

import { constants } from "node:os";
import { exitStatus } from "../errors/ukl-error.js";
import type { GuestStatus } from "./guest-status.js";
import { explainProblem, findFatalProblem, type KernelProblem } from "./kernel-log.js";

export type MachineExit =
  /** The application ended; `message` says why it could not be started, if that was it. */
  | { readonly kind: "exit"; readonly status: number; readonly message?: string }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals | undefined; readonly number: number }
  /** The kernel panicked, or oopsed, which is no better: nothing that ran on it can be trusted. */
  | { readonly kind: "panic"; readonly problem: KernelProblem }
  | { readonly kind: "timeout"; readonly timeoutMs: number }
  /** We ended it before the application did. */
  | { readonly kind: "stopped" }
  /** It ended without saying how. */
  | { readonly kind: "lost"; readonly reason: string };

/** What is known when QEMU has ended. */
export interface MachineEvidence {
  readonly status: GuestStatus;
  readonly problems: readonly KernelProblem[];
  readonly timedOutAfterMs?: number;
  /** Whether we asked QEMU to quit, or killed it. */
  readonly ended: boolean;
  /** The accelerator could not go on. */
  readonly brokenDown?: boolean;
  /** What ended QEMU's process, if it was not QEMU itself. */
  readonly qemuSignal?: NodeJS.Signals | undefined;
  /** What QEMU said at last. */
  readonly qemuMessage: string;
}

/** The exit status of `ukl run` when the kernel failed: EX_OSERR of sysexits.h. */
export const kernelFailureStatus = 71;
/** As timeout(1). */
export const timeoutStatus = 124;

/** Decides how a machine ended. A kernel that failed outweighs what the application's status seems to be. */
export function determineExit(evidence: MachineEvidence): MachineExit {
  const problem = findFatalProblem(evidence.problems);
  if (problem !== undefined) return { kind: "panic", problem };
  if (evidence.brokenDown === true) {
    const [firstLine] = evidence.qemuMessage.split("\n");
    return {
      kind: "lost",
      reason: `${firstLine || "the virtual processor failed"}\nKVM does not work well enough here. Run it under emulation: --accel tcg`,
    };
  }
  // What the application said when it was told to end does not count any more.
  if (evidence.timedOutAfterMs !== undefined) return { kind: "timeout", timeoutMs: evidence.timedOutAfterMs };
  const { end, error } = evidence.status;
  if (end?.kind === "exit") return { ...end, ...(error === undefined ? {} : { message: error }) };
  if (end?.kind === "signal") return { ...end, signal: signalName(end.number) };
  if (evidence.ended) return { kind: "stopped" };
  return { kind: "lost", reason: explainLoss(evidence) };
}

function explainLoss({ qemuSignal, qemuMessage }: MachineEvidence): string {
  if (qemuSignal !== undefined) return `QEMU was killed by ${qemuSignal}`;
  return qemuMessage || "the virtual processor was reset";
}

/** The exit status of the command that ran the machine. */
export function exitStatusOf(exit: MachineExit): number {
  switch (exit.kind) {
    case "exit":
      return exit.status;
    case "signal":
      return 128 + exit.number;
    case "panic":
      return kernelFailureStatus;
    case "timeout":
      return timeoutStatus;
    case "stopped":
      return exitStatus.interrupted;
    case "lost":
      return exitStatus.failed;
  }
}

/** One sentence for people; undefined when the application ended by itself, which needs no comment. */
export function describeExit(exit: MachineExit): string | undefined {
  switch (exit.kind) {
    case "exit":
      return exit.message;
    case "signal":
      return `Application died of ${exit.signal ?? `signal ${exit.number}`}${meaningOf(exit.signal)}`;
    case "panic": {
      const explanation = explainProblem(exit.problem);
      return `The kernel failed: ${exit.problem.summary}${explanation === undefined ? "" : `\n${explanation}`}`;
    }
    case "timeout":
      return `The machine was ended because it still ran after ${exit.timeoutMs / 1_000} s`;
    case "stopped":
      return "The machine was ended before its application";
    case "lost":
      return `The machine ended without a word from the kernel: ${exit.reason}`;
  }
}

function signalName(number: number): NodeJS.Signals | undefined {
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  // SIGABRT comes before its synonym SIGIOT, SIGIO before SIGPOLL.
  return names.find(([, value]) => value === number)?.[0];
}

function meaningOf(signal: NodeJS.Signals | undefined): string {
  const meaning = signal === undefined ? undefined : meanings[signal];
  return meaning === undefined ? "" : ` (${meaning})`;
}

const meanings: Partial<Readonly<Record<NodeJS.Signals, string>>> = {
  SIGSEGV: "segmentation fault",
  SIGBUS: "bus error",
  SIGILL: "illegal instruction",
  SIGFPE: "arithmetic error",
  SIGABRT: "abort() or a failed assertion",
  SIGTRAP: "breakpoint",
  SIGSYS: "bad system call",
  SIGKILL: "killed; the kernel does so when memory is exhausted",
  SIGTERM: "asked to end",
  SIGINT: "interrupted",
  SIGPIPE: "nobody read its output",
};
