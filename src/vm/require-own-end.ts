// SPDX-License-Identifier: Apache-2.0
/** Tells a machine that has ended from one that was ended: what such a one did says nothing. */

import { constants } from "node:os";
import { UklError } from "../errors/ukl-error.js";
import type { CommandResult } from "../host/run-command.js";

/** Those that come from others; with the rest QEMU itself has failed. */
const sent: ReadonlySet<string> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);

/**
 * @param action what cannot be done now: "measure redis at base, seed 1"
 * @param result QEMU's
 * @throws UklError HOST_COMMAND_FAILED when somebody else has ended it
 */
export function requireOwnEnd(action: string, result: Pick<CommandResult, "signal" | "stderr">): void {
  const signal = findSentSignal(result);
  if (signal === undefined) return;
  throw new UklError(
    "HOST_COMMAND_FAILED",
    `Cannot ${action}: something else has ended QEMU with ${signal}`,
    {
      hint:
        signal === "SIGKILL"
          ? "See whether the host had too little memory: dmesg | tail"
          : "Try again, and let it run",
    },
  );
}

/** To most of them QEMU says goodbye, with status 0. */
function findSentSignal({ signal, stderr }: Pick<CommandResult, "signal" | "stderr">): string | undefined {
  if (signal !== undefined) return sent.has(signal) ? signal : undefined;
  const number = /terminating on signal (\d+)/.exec(stderr)?.[1];
  return Object.entries(constants.signals).find(([, value]) => String(value) === number)?.[0];
}
