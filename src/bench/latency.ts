// SPDX-License-Identifier: Apache-2.0
/** How long requests take that come at a fixed rate, the same for all variants. */

import { type CurvePoint, countOf, curveOf, mergeHistograms } from "./histogram.js";
import { type Latency, percentileName, percentiles, type Times } from "./parse-times.js";
import type { ReportRow } from "./report.js";
import type { Operation, TimedRequest } from "./suite.js";
import type { VariantTimes } from "./time-variants.js";

export interface LatencyReport {
  /** Percentiles, each compared as every other operation is. */
  readonly rows: readonly ReportRow[];
  readonly requests: readonly RequestLatencies[];
}

export interface RequestLatencies {
  readonly request: string;
  readonly title: string;
  /** Between two requests, whatever the server does. */
  readonly intervalNs: number;
  readonly curves: readonly LatencyCurve[];
}

/** Of all rounds together. */
export interface LatencyCurve {
  readonly variant: string;
  readonly requestCount: number;
  readonly points: readonly CurvePoint[];
}

/** Nanoseconds between two requests, by the request's name. */
export type Intervals = Readonly<Record<string, number>>;

/** Half of what one connection reaches: twice the time that a request takes when one comes after the other. */
export function planIntervals(requests: readonly TimedRequest[], { operations }: Times): Intervals {
  return Object.fromEntries(
    requests.map(({ name, alone }) => [name, Math.round(2 * (operations.get(alone) as number))]),
  );
}

/** How many requests of each boot have to take longer: of fewer a percentile is little else than their greatest. */
const leastBeyond = 10;

/** The percentiles that a second at that rate has enough requests for, as operations of a suite. */
export function latencyOperations(requests: readonly TimedRequest[], intervals: Intervals): Operation[] {
  return requests.flatMap(({ name, title }) => {
    const perSecond = 1e9 / (intervals[name] as number);
    return percentiles
      .filter((percentile) => perSecond * (1 - percentile / 100) >= leastBeyond)
      .map((percentile) => ({
        name: percentileName(name, percentile),
        title: `${title}, ${describeRate(intervals[name] as number)}: p${percentile}`,
      }));
  });
}

/** "24,390/s" */
export function describeRate(intervalNs: number): string {
  return `${Math.round(1e9 / intervalNs).toLocaleString("en")}/s`;
}

/** For a reader of the figures. */
export const latencyMeaning =
  "Requests come at a fixed rate, half of what one connection reaches at stock Linux with one request after the other, and the same for all, and a request's time runs from when it was due: what waits because the one before it is late counts as late, too.";

export function collectLatencies(
  requests: readonly TimedRequest[],
  measured: readonly VariantTimes[],
): RequestLatencies[] {
  return requests.map(({ name, title }) => {
    const curves = measured.map(({ boot, runs }) => {
      const latencies = runs.map((run) => run.latencies.get(name) as Latency);
      const histogram = mergeHistograms(latencies.map(({ histogram }) => histogram));
      return {
        variant: boot.variant.name,
        ...{ requestCount: countOf(histogram), points: curveOf(histogram) },
      };
    });
    const intervalNs = measured[0]?.runs[0]?.latencies.get(name)?.intervalNs as number;
    return { request: name, title, intervalNs, curves };
  });
}
