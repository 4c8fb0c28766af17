// SPDX-License-Identifier: MIT
/** What a system call failed with. */

import * as std from "quickjs:std";
import { EINTR, errorName } from "ukl:native";

export class SystemError extends Error {
  override readonly name = "SystemError";
  readonly code: string;
  readonly errno: number;
  readonly action: string;

  /** @param object what it was tried with, for the message */
  constructor(errno: number, action: string, object = "") {
    const code = errorName(errno);
    super(`${action}${object === "" ? "" : ` ${object}`}: ${code} (${std.strerror(errno)})`);
    this.code = code;
    this.errno = errno;
    this.action = action;
  }
}

/**
 * The result of a call that says its errno as a negative number.
 *
 * @throws SystemError
 */
export function expectResult(result: number, action: string, object = ""): number {
  if (result < 0) throw new SystemError(-result, action, object);
  return result;
}

/** The same, of a call that a signal may interrupt. */
export function retry(call: () => number, action: string, object = ""): number {
  for (;;) {
    const result = call();
    if (result !== -EINTR) return expectResult(result, action, object);
  }
}
