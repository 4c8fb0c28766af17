// SPDX-License-Identifier: Apache-2.0
/** Numbers of things in sentences. */

/** "1 call", "3 calls", "2 accesses". */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}
