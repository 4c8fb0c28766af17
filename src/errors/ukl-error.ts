// SPDX-License-Identifier: Apache-2.0
/**
 * The one error class for what a user can act on. Everything else that is thrown
 * is a bug and reaches the terminal with its stack.
 */

/** What went wrong, as `<NOUN>_<WHAT>`: the noun is the pipeline step that failed. */
export type UklErrorCode =
  | "HOST_TOOL_MISSING"
  | "HOST_COMMAND_FAILED"
  | "HOST_NO_SPACE"
  | "HOST_TIMEOUT"
  | "HOST_NOT_WRITABLE"
  | "CACHE_LOCKED"
  | "SOURCE_NOT_FOUND"
  | "SOURCE_FETCH_FAILED"
  | "SOURCE_CHECKSUM_MISMATCH"
  | "KERNEL_PATCH_REJECTED"
  | "KERNEL_TREE_INVALID"
  | "KERNEL_OPTION_LOST"
  | "KERNEL_BUILD_FAILED"
  | "TOOLCHAIN_BUILD_FAILED"
  | "APP_NOT_FOUND"
  | "APP_INVALID"
  | "APP_BUILD_FAILED"
  | "APP_TEST_FAILED"
  | "BENCH_FAILED"
  | "ELF_INVALID"
  | "CHECK_UNKNOWN_FORMAT"
  | "IMAGE_INVALID"
  | "IMAGE_LAYOUT_MOVED"
  | "VM_START_FAILED"
  | "VM_PORT_IN_USE"
  | "VM_NAME_TAKEN"
  | "VM_NOT_FOUND"
  | "VM_TIMEOUT"
  | "VM_PANIC"
  | "USAGE_INVALID";

/** The exit statuses of the command line. `ukl run` passes the application's own status on instead of `failed`. */
export const exitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  blockers: 3,
  bug: 70,
  interrupted: 130,
} as const;

/** A failure with a next step. The message reads "Cannot <action> "<object>": <current state>". */
export class UklError extends Error {
  override readonly name = "UklError";
  readonly code: UklErrorCode;
  /** The next command to type, or the thing to change. */
  readonly hint: string | undefined;

  constructor(code: UklErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
