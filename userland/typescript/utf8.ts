// SPDX-License-Identifier: MIT
/** Text as bytes. The other direction is native. */

import { encode } from "ukl:native";

/** Halves of surrogate pairs, which have no encoding, become U+FFFD. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode(text.toWellFormed()));
}
