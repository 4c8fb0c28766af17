// SPDX-License-Identifier: Apache-2.0
/** How often which time was measured: what a client prints, several together, and percentiles of them. */

/** Nanoseconds and how many took so long, ascending. */
export type Histogram = ReadonlyMap<number, number>;

/** How much of a time the client's buckets may add to it (userland/timed/histogram.c). */
export const histogramResolution = 1 / 128;

export interface CurvePoint {
  /** So many of a hundred took no longer, */
  readonly percentile: number;
  /** than this. */
  readonly ns: number;
}

/** "VALUE:COUNT VALUE:COUNT …"; undefined when that is not what it is. */
export function parseHistogram(text: string): Histogram | undefined {
  const buckets = text.split(" ").map((bucket) => /^(\d+):(\d+)$/.exec(bucket));
  if (buckets.some((bucket) => bucket === null)) return undefined;
  return new Map(buckets.map((bucket) => [Number(bucket?.[1]), Number(bucket?.[2])]));
}

export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const sums = new Map<number, number>();
  for (const histogram of histograms)
    for (const [ns, count] of histogram) sums.set(ns, (sums.get(ns) ?? 0) + count);
  return new Map([...sums].sort(([a], [b]) => a - b));
}

export function countOf(histogram: Histogram): number {
  return [...histogram.values()].reduce((sum, count) => sum + count, 0);
}

/** The least time than which so many of a hundred took no longer. @throws RangeError for an empty histogram */
export function percentileOf(histogram: Histogram, percentile: number): number {
  const total = countOf(histogram);
  // Not more than there are, and what floating point adds to a whole number does not make it the next.
  const wanted = Math.max(1, Math.ceil((percentile / 100) * total - 1e-6));
  let seen = 0;
  for (const [ns, count] of histogram) {
    seen += count;
    if (seen >= wanted) return ns;
  }
  throw new RangeError("no times have no percentiles");
}

const pointsPerDecade = 16;

/** Percentiles at even steps of the logarithm of 1/(1 − p), as far as there are times: the last is the longest. */
export function curveOf(histogram: Histogram): CurvePoint[] {
  const total = countOf(histogram);
  const steps = Math.floor(Math.log10(total) * pointsPerDecade);
  const percentiles = Array.from(
    { length: steps + 1 },
    (_, step) => 100 - 100 / 10 ** (step / pointsPerDecade),
  );
  return [
    ...percentiles.map((percentile) => ({ percentile, ns: percentileOf(histogram, percentile) })),
    { percentile: 100 - 100 / total, ns: percentileOf(histogram, 100) },
  ];
}
