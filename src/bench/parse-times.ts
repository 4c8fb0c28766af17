// SPDX-License-Identifier: Apache-2.0
/** Reads what userland/timed prints: counts that are nanoseconds, its clock, and histograms of latencies. */

import { UklError } from "../errors/ukl-error.js";
import { type Histogram, parseHistogram, percentileOf } from "./histogram.js";
import { type Counts, parseCounts } from "./parse-counts.js";

/** What one boot measured. */
export interface Times extends Counts {
  readonly clock: Clock;
  /** By the name of the request. Their percentiles are among the operations. */
  readonly latencies: ReadonlyMap<string, Latency>;
}

/** The same time by the processor's counter, and by the kernel. */
export interface Clock {
  readonly counterNs: number;
  readonly kernelNs: number;
  readonly counterKhz: number;
}

/** How far the two may be apart, as a part of the time. */
export const largestDrift = 0.001;

export function driftOf({ counterNs, kernelNs }: Clock): number {
  return Math.abs(counterNs / kernelNs - 1);
}

export interface Latency {
  /** Between two requests. */
  readonly intervalNs: number;
  readonly histogram: Histogram;
}

export const percentiles = [50, 90, 99, 99.9] as const;

/** The name of the operation that is a percentile of a request's latency. */
export function percentileName(request: string, percentile: number): string {
  return `${request}_latency_p${percentile}`;
}

/**
 * Parses all that a machine wrote.
 *
 * @param title what was booted, for messages
 * @throws UklError BENCH_FAILED when there is nothing, or something damaged
 */
export function parseTimes(output: string, title: string): Times {
  const { builtBy, operations } = parseCounts(output, title);
  const latencies = new Map(
    output
      .split("\n")
      .filter((line) => line.startsWith("latency "))
      .map((line) => parseLatency(line, title)),
  );
  return {
    ...{ builtBy, clock: parseClock(output, title), latencies },
    operations: new Map([
      ...operations,
      ...[...latencies].flatMap(([request, { histogram }]) =>
        percentiles.map(
          (percentile) => [percentileName(request, percentile), percentileOf(histogram, percentile)] as const,
        ),
      ),
    ]),
  };
}

/** "latency NAME INTERVAL VALUE:COUNT VALUE:COUNT …" */
function parseLatency(line: string, title: string): [request: string, latency: Latency] {
  const [, request = "", intervalNs = 0, buckets = ""] = /^latency (\w+) (\d+) (.+)$/.exec(line) ?? [];
  const histogram = parseHistogram(buckets);
  if (histogram === undefined) throw unreadable(title, `"${line.slice(0, 80)}" is damaged`);
  return [request, { intervalNs: Number(intervalNs), histogram }];
}

function parseClock(output: string, title: string): Clock {
  const [, counterNs, kernelNs, counterKhz] = /^clock (\d+) (\d+) (\d+)$/m.exec(output) ?? [];
  if (counterKhz === undefined) throw unreadable(title, "the program does not say how fast its clock was");
  return { counterNs: Number(counterNs), kernelNs: Number(kernelNs), counterKhz: Number(counterKhz) };
}

function unreadable(title: string, why: string): UklError {
  return new UklError("BENCH_FAILED", `Cannot read the times of ${title}: ${why}`, {
    hint: "Show what the program said with -vv",
  });
}
