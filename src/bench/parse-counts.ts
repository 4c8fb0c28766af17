// SPDX-License-Identifier: Apache-2.0
/** Reads what userland/bench prints. */

import { UklError } from "../errors/ukl-error.js";
import { median } from "./statistics.js";

/** What one boot counted. */
export interface Counts {
  /** The compiler and C library of the program that counted: "gcc 12.2.0, glibc 2.36". */
  readonly builtBy: string;
  /** Instructions of one operation, by its name, in the order of the program. */
  readonly operations: ReadonlyMap<string, number>;
}

/**
 * Parses all that a machine wrote. Of the regions of an operation the first is a warm-up, and most of the others, but for the longest
 * operations', have no interrupt in them: their median is the operation's cost.
 *
 * @param title what was booted, for messages
 * @throws UklError BENCH_FAILED when there is nothing, or something damaged
 */
export function parseCounts(output: string, title: string): Counts {
  const builtBy = /^built by (.+)$/m.exec(output)?.[1];
  const lines = output.split("\n").filter((line) => line.startsWith("count "));
  if (builtBy === undefined || lines.length === 0) throw unreadable(title, "there are none");
  return { builtBy, operations: new Map(lines.map((line) => parseLine(line, title))) };
}

/** "count NAME DIVISOR REGION REGION …" */
function parseLine(line: string, title: string): [name: string, count: number] {
  const [, name = "", ...numbers] = line.split(" ");
  const [divisor = 0, _warmUp, ...regions] = numbers.map((text) =>
    /^\d+$/.test(text) ? Number(text) : Number.NaN,
  );
  if (!(divisor > 0) || regions.length === 0 || regions.some(Number.isNaN))
    throw unreadable(title, `"${line.slice(0, 80)}" is damaged`);
  return [name, median(regions) / divisor];
}

function unreadable(title: string, why: string): UklError {
  return new UklError("BENCH_FAILED", `Cannot read the counts of ${title}: ${why}`, {
    hint: "Show what the program said with -vv",
  });
}
