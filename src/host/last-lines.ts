// SPDX-License-Identifier: Apache-2.0
/** What a program said at last, which mostly tells why it failed. */

/** At most `count` lines, without empty ones at the end; "" when there are none. */
export function lastLines(text: string, count = 1): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
