// SPDX-License-Identifier: Apache-2.0
/**
 * The little statistics that exact counts need. There is no noise in them, only what differs from seed to seed: where
 * the kernel's code and data lie. So there are no intervals of confidence, but the whole range.
 */

/** What several runs gave: the whole range of counts, or an interval of noisy times. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError for no values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError("no values have no median");
  return (low + high) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The median with the quartiles: what a few of many noisy values cannot move. */
export function middleHalf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.ceil(sorted.length / 2);
  return {
    median: median(sorted),
    min: median(sorted.slice(0, half)),
    max: median(sorted.slice(sorted.length - half)),
  };
}

/** The ratios of two series, run by run. */
export function ratiosOf(values: readonly number[], references: readonly number[]): number[] {
  if (values.length !== references.length) throw new RangeError("the two series differ in length");
  return values.map((value, index) => value / (references[index] as number));
}

export function ratioOf(values: readonly number[], references: readonly number[]): Spread {
  return spreadOf(ratiosOf(values, references));
}

/** A difference that is less than this can never be claimed. */
export const smallestClaim = 0.003;

/** How far from 1 a ratio has to be before it may be called a difference. */
export function claimThreshold({ min, max }: Spread): number {
  return Math.max(smallestClaim, 2 * (max - min));
}

/** What may be said of a ratio to the baseline; `same` is "no difference that can be claimed". */
export type Claim = "fewer" | "more" | "same";

export function claimOf(ratio: Spread): Claim {
  if (Math.abs(ratio.median - 1) <= claimThreshold(ratio)) return "same";
  return ratio.median < 1 ? "fewer" : "more";
}
