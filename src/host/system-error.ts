// SPDX-License-Identifier: Apache-2.0
/** Turns the system errors that a user can do something about into such; all others stay what they are: bugs. */

import { UklError } from "../errors/ukl-error.js";

/** Whether `error` is a system error with one of these codes (`"ENOENT"`). */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/**
 * Explains a full disk or a place that cannot be written.
 *
 * @param action what was going on, as "write the log of make"
 * @returns a UklError for ENOSPC, EDQUOT, EACCES, EPERM, EROFS and ENOTDIR; any other error unchanged
 */
export function explainSystemError(error: unknown, action: string): unknown {
  if (isSystemError(error, "ENOSPC", "EDQUOT")) return noSpaceError(action, error);
  if (isSystemError(error, "EACCES", "EPERM", "EROFS")) {
    const reason = error.code === "EROFS" ? "the file system is read-only" : "permission denied";
    return new UklError("HOST_NOT_WRITABLE", `Cannot ${action}: ${reason}${at(error)}`, {
      hint: "Choose another cache directory: UKL_CACHE_DIR=DIR ukl …",
      cause: error,
    });
  }
  if (isSystemError(error, "ENOTDIR"))
    return new UklError("HOST_NOT_WRITABLE", `Cannot ${action}: it is not a directory${at(error)}`, {
      cause: error,
    });
  return error;
}

/** The error for a full disk, whoever noticed it. */
export function noSpaceError(action: string, cause?: unknown): UklError {
  return new UklError("HOST_NO_SPACE", `Cannot ${action}: no space left on the device${at(cause)}`, {
    hint: "Free some space, or let go of old builds: ukl cache prune",
    cause,
  });
}

function at(error: unknown): string {
  const file = (error as NodeJS.ErrnoException | undefined)?.path;
  return file === undefined ? "" : ` ("${file}")`;
}
