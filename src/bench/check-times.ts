// SPDX-License-Identifier: Apache-2.0
/** The controls of a measurement in time, and what the baseline's difference from itself lets one claim of others. */

import { bootstrapMedian } from "./bootstrap.js";
import { type Control, checkConfigurations } from "./check-controls.js";
import type { Environment } from "./describe-environment.js";
import { driftOf, largestDrift } from "./parse-times.js";
import type { Comparison } from "./report.js";
import { ratiosOf, type Spread } from "./statistics.js";
import type { VariantTimes } from "./time-variants.js";
import { figuresOf } from "./variant-runs.js";

/** With fewer rounds nothing is claimed. */
export const leastRounds = 20;

/** How probably an interval holds the true ratio. */
const confidence = 0.95;

/** The baseline's ratios to itself, by operation. */
export type SameAgainstSame = ReadonlyMap<string, Spread>;

/**
 * Each interval is so wide that all of them together would hold 1 with the wanted probability, if so few rounds gave such wide
 * ones: by the bootstrap they are narrower.
 */
export function compareSame(
  baseline: VariantTimes,
  control: VariantTimes,
  operations: readonly string[],
): SameAgainstSame {
  const each = 1 - (1 - confidence) / operations.length;
  return new Map(
    operations.map((operation) => {
      const ratios = ratiosOf(figuresOf(control, operation), figuresOf(baseline, operation));
      return [operation, bootstrapMedian(ratios, each)];
    }),
  );
}

export interface ClaimRules {
  /** The baseline's ratio to itself: what is less than the width of its interval is no difference. */
  readonly same: Spread;
  /** And what is less than this part of a time. */
  readonly resolution: number;
  /** Whether any difference may be claimed. */
  readonly claims: boolean;
}

/** Compares an operation's times, round by round. */
export function compareTimes(
  times: readonly number[],
  references: readonly number[],
  { same, resolution, claims }: ClaimRules,
): Comparison {
  const ratio = bootstrapMedian(ratiosOf(times, references), confidence);
  const threshold = Math.max(same.max - same.min, resolution);
  const holdsOne = ratio.min <= 1 && ratio.max >= 1;
  const differs = claims && !holdsOne && Math.abs(ratio.median - 1) > threshold;
  return { ratio, threshold, claim: differs ? (ratio.median < 1 ? "fewer" : "more") : "same" };
}

export function checkTimes(
  all: readonly VariantTimes[],
  same: SameAgainstSame,
  environment: Pick<Environment, "variants" | "seeds">,
): Control[] {
  return [
    checkConfigurations(environment),
    checkClocks(all),
    checkSameAgainstSame(same, environment.seeds.length),
  ];
}

/** Times are by the processor's counter: it must go as the kernel's clock does, in every boot. Those of a server are by its CPU time. */
function checkClocks(all: readonly VariantTimes[]): Control {
  const drifts = all.flatMap(({ runs }) => runs.map(({ clock }) => driftOf(clock)));
  const repeated = all.reduce((sum, variant) => sum + variant.repeated, 0);
  const wrong = drifts.filter((drift) => !(drift <= largestDrift));
  const frequencies = all.flatMap(({ runs }) => runs.map(({ clock }) => clock.counterKhz / 1000));
  const [slowest, fastest] = [Math.min(...frequencies), Math.max(...frequencies)].map((mhz) =>
    mhz.toFixed(1),
  );
  return {
    name: "Clock: the processor's counter against CLOCK_MONOTONIC_RAW",
    passed: wrong.length === 0,
    detail:
      wrong.length === 0
        ? `${slowest === fastest ? slowest : `${slowest} to ${fastest}`} MHz; apart by no more than ${(Math.max(...drifts) * 1e6).toFixed(1)} millionths in all ${drifts.length} boots${repeated === 0 ? "" : `, after ${repeated} whose clock went wrong were repeated`}`
        : `apart by more than 0.1 % in ${wrong.length} of ${drifts.length} boots, most by ${(Math.max(...wrong) * 100).toFixed(2)} %`,
  };
}

function checkSameAgainstSame(same: SameAgainstSame, rounds: number): Control {
  const name = "A/A: the baseline against itself";
  if (rounds < leastRounds)
    return {
      ...{ name, passed: true },
      detail: `not judged, and no difference is claimed: ${rounds} rounds are fewer than ${leastRounds}`,
    };
  const wrong = [...same].filter(([, { min, max }]) => min > 1 || max < 1);
  const widest = [...same].toSorted(([, a], [, b]) => b.max - b.min - (a.max - a.min))[0];
  return {
    name,
    passed: wrong.length === 0,
    detail:
      wrong.length === 0
        ? `the intervals of all ${same.size} ratios hold 1, nominally with 95 % together; the widest: ${widest ? describeRatio(widest) : "none"}`
        : `booted twice in each round, the baseline differs from itself: ${wrong.map(describeRatio).join(", ")}`,
  };
}

function describeRatio([operation, { median, min, max }]: readonly [string, Spread]): string {
  return `${operation} ${median.toFixed(4)} [${min.toFixed(4)}, ${max.toFixed(4)}]`;
}
