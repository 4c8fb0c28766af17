// SPDX-License-Identifier: Apache-2.0
/** Random numbers that a seed repeats. */

import { hashBytes } from "./hash.js";

export interface Random {
  /** A whole number from 0 to below `limit`. */
  integer(limit: number): number;
  /** One of them. */
  pick<T>(items: readonly [T, ...T[]]): T;
  /** So many different ones, in the order in which they were drawn; all of them when there are not so many. */
  sample<T>(items: readonly T[], count: number): T[];
  /** Printable characters. */
  text(length: number): string;
}

/** The largest seed: it fits the seeds of all programs that take one. */
export const maximumSeed = 2 ** 31 - 1;

/**
 * Numbers that depend on the seed and on what they are for, and on nothing else: what one purpose draws does not
 * change what another gets.
 */
export function createRandom(seed: number, purpose: string): Random {
  let state = Number.parseInt(hashBytes(`${seed} ${purpose}`).slice(0, 8), 16);
  // Mulberry32: one 32-bit word of state, all of its values once in a period.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
  const integer = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    integer,
    pick: (items) => items[integer(items.length)] ?? items[0],
    sample: (items, count) => {
      const rest = [...items];
      const drawn = Math.min(count, items.length);
      return Array.from({ length: drawn }, () => rest.splice(integer(rest.length), 1)).flat();
    },
    text: (length) => Array.from({ length }, () => alphabet.charAt(integer(alphabet.length))).join(""),
  };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
