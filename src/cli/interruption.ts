// SPDX-License-Identifier: Apache-2.0
/** Ctrl-C and its relatives, as an AbortSignal. */

import { constants } from "node:os";

/** The reason of the aborted signal. */
export class InterruptedError extends Error {
  override readonly name = "AbortError";
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`Interrupted by ${signal}`);
    this.signal = signal;
  }

  /** As a shell would report it: 130 for Ctrl-C. */
  get exitStatus(): number {
    return 128 + constants.signals[this.signal];
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const satisfies readonly NodeJS.Signals[];

/**
 * Aborts on the first SIGINT, SIGTERM or SIGHUP, so that what runs can clean up after itself. A second
 * one calls `giveUp` with the exit status: the user does not want to wait.
 */
export function abortOnSignals(giveUp: (exitStatus: number) => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => {
      const reason = new InterruptedError(signal);
      if (controller.signal.aborted) giveUp(reason.exitStatus);
      controller.abort(reason);
    });
  }
  return controller.signal;
}
