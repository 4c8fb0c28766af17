// SPDX-License-Identifier: Apache-2.0
/** Reads what a program prints that says when it got where: "boot main 231024254", instructions since power-on. */

import { UklError } from "../errors/ukl-error.js";
import type { Counts } from "./parse-counts.js";

/**
 * Parses all that a machine wrote.
 *
 * @param title what was booted, for messages
 * @throws UklError BENCH_FAILED when there is nothing
 */
export function parseBoot(output: string, title: string): Counts {
  const builtBy = /^built by (.+)$/m.exec(output)?.[1];
  const lines = [...output.matchAll(/^boot (\w+) (\d+)$/gm)];
  if (builtBy === undefined || lines.length === 0)
    throw new UklError("BENCH_FAILED", `Cannot read the counts of ${title}: there are none`, {
      hint: "Show what the program said with -vv",
    });
  return { builtBy, operations: new Map(lines.map(([, name = "", count]) => [name, Number(count)])) };
}
