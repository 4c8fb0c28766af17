// SPDX-License-Identifier: Apache-2.0
/** The end of a failed command: what to print on stderr, and the exit status. */

import { exitStatus, UklError, type UklErrorCode } from "../errors/ukl-error.js";
import { explainSystemError } from "../host/system-error.js";
import type { Colors } from "../log/screen.js";
import { InterruptedError } from "./interruption.js";

export interface ErrorReport {
  readonly text: string;
  readonly status: number;
}

/** Failures of the command line or of a configuration, not of the work. */
const usageErrors: ReadonlySet<UklErrorCode> = new Set([
  "USAGE_INVALID",
  "APP_NOT_FOUND",
  "APP_INVALID",
  "ELF_INVALID",
  "CHECK_UNKNOWN_FORMAT",
  "VM_NOT_FOUND",
]);

/** Explains an error: message and hint for what a user can act on, the stack for a bug. */
export function reportError(thrown: unknown, colors: Colors): ErrorReport {
  if (thrown instanceof InterruptedError) return { text: "Interrupted", status: thrown.exitStatus };
  const error = explainSystemError(thrown, "go on");
  if (error instanceof UklError) {
    const message = `${colors.red("Error:")} ${error.message}`;
    const hint =
      error.hint === undefined
        ? ""
        : `\n${colors.cyan("Hint:")}  ${error.hint.replaceAll("\n", "\n       ")}`;
    return {
      text: message + hint,
      status: usageErrors.has(error.code) ? exitStatus.usage : exitStatus.failed,
    };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause =
    error instanceof Error && error.cause !== undefined ? `\nCaused by: ${String(error.cause)}` : "";
  return {
    text: `${colors.red("Bug:")} this should not have happened\n${stack}${cause}`,
    status: exitStatus.bug,
  };
}
