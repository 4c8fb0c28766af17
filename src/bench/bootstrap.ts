// SPDX-License-Identifier: Apache-2.0
/** How far the median of a few noisy values can be believed. */

import { createRandom, type Random } from "../host/random.js";
import { median, type Spread } from "./statistics.js";

const resamples = 10_000;

/**
 * The percentile bootstrap of the median: values are drawn anew from the values, many times, and what is between the
 * outermost parts of their medians is the interval. The same values have the same interval: the random numbers have a seed.
 *
 * @param confidence how probably the interval holds the true median: 0.95
 */
export function bootstrapMedian(values: readonly number[], confidence: number): Spread {
  const random = createRandom(1, "bootstrap");
  const sorted = values.toSorted((a, b) => a - b);
  const medians = Float64Array.from({ length: resamples }, () => drawMedian(sorted, random)).sort();
  const outside = (1 - confidence) / 2;
  const at = (part: number): number => medians[Math.round(part * (resamples - 1))] as number;
  return { median: median(values), min: at(outside), max: at(1 - outside) };
}

/** Draws as many as there are, each of which may come more than once. Counting them is sorting them. */
function drawMedian(sorted: readonly number[], random: Random): number {
  const { length } = sorted;
  const drawn = new Uint16Array(length);
  for (let draw = 0; draw < length; draw++) {
    const index = random.integer(length);
    drawn[index] = (drawn[index] as number) + 1;
  }
  const at = (place: number): number => {
    let [index, seen] = [0, drawn[0] as number];
    while (seen <= place) seen += drawn[++index] as number;
    return sorted[index] as number;
  };
  return (at(Math.floor((length - 1) / 2)) + at(Math.floor(length / 2))) / 2;
}
