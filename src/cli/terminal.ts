// SPDX-License-Identifier: Apache-2.0
/** What a stream of ours can show. */

export interface Terminal {
  /** Understands carriage return and erase. */
  readonly tty: boolean;
  readonly color: boolean;
}

/** A pipe shows neither, a dumb terminal neither, and with NO_COLOR there are no colours. */
export function findTerminal(stream: { readonly isTTY?: boolean }): Terminal {
  const tty = stream.isTTY === true && process.env["TERM"] !== "dumb";
  return { tty, color: tty && !process.env["NO_COLOR"] };
}
