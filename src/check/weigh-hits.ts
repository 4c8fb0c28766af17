// SPDX-License-Identifier: Apache-2.0
/**
 * How sure it is that what was found is code. Tables between functions decode into instructions as
 * well, and unlikely ones: the rarer an instruction, the likelier it is data.
 */

import type { CodeCursor } from "./code-cursor.js";
import type { CodeRange } from "./code-ranges.js";
import { findReachable } from "./reachable-code.js";

/** `guess`: it looks like code, but nothing says that it is. */
export type Certainty = "certain" | "guess" | "data";

export interface ScannedRange {
  readonly range: CodeRange;
  /** Every instruction was valid, and the last one ended where the range does. */
  readonly clean: boolean;
  /** The offsets of what code has seldom: instructions that are invalid, or that a rule is about. */
  readonly oddities: readonly number[];
}

/** Returns a function that says how sure it is that an instruction of the range is one. */
export function weighHits(cursor: CodeCursor, scanned: ScannedRange): (offset: number) => Certainty {
  const { range, clean } = scanned;
  const crowds = countCrowds(scanned.oddities);
  const isAlone = (offset: number): boolean => (crowds.get(offset >> crowdShift) ?? 0) <= maxCrowd;
  if (range.kind === "gap") return (offset) => (isAlone(offset) ? "guess" : "data");
  const { offsets, broken } = findReachable(cursor, range);
  // A label may stand before a table; a function of known size is one.
  const isTrusted = range.kind === "function" || !broken;
  return (offset) => {
    if (isTrusted && offsets.has(offset) && (range.kind === "function" || isAlone(offset))) return "certain";
    if (!isAlone(offset)) return "data";
    return clean ? "certain" : "guess";
  };
}

/** Oddities are counted by windows of 64 bytes and their neighbours. */
const crowdShift = 6;

/** A function may well have two or three: cli and sti, all the system tables. */
const maxCrowd = 3;

function countCrowds(oddities: readonly number[]): Map<number, number> {
  const crowds = new Map<number, number>();
  for (const offset of oddities)
    for (const window of [-1, 0, 1].map((neighbour) => (offset >> crowdShift) + neighbour))
      crowds.set(window, (crowds.get(window) ?? 0) + 1);
  return crowds;
}
