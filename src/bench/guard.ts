// SPDX-License-Identifier: Apache-2.0
/** Guards against steps back: counts once what the baseline records, or records it anew. */

import { type Context, withLog } from "../host/context.js";
import { requireTools } from "../host/require-tools.js";
import {
  type Baseline,
  type BaselineComparison,
  compareWithBaseline,
  loadBaseline,
  makerOf,
  saveBaseline,
} from "./baseline.js";
import { defaultSeedCount, seedsFrom } from "./count-instrument.js";
import { type CountRequest, countVariants, type VariantCounts } from "./count-variants.js";
import { describeEnvironment } from "./describe-environment.js";
import { microSuite } from "./micro.js";
import { prepareApplication } from "./prepare-boot.js";
import { redis, redisSuite } from "./redis.js";
import { claimThreshold, spreadOf } from "./statistics.js";
import type { Suite } from "./suite.js";
import { variantOf } from "./variant.js";
import { figuresOf } from "./variant-runs.js";

/** Everything that is cheap, and one request to Redis. */
const guardedSuites: readonly Suite[] = [
  microSuite,
  {
    ...redisSuite,
    operations: redisSuite.operations.filter(({ name }) => name === "get_p1"),
    prepare: (ctx, variant) => prepareApplication(ctx, redis, variant, "get"),
  },
];

/**
 * Counts with one seed, and compares.
 *
 * @param file the baseline, when it is not the one that is kept with the sources
 */
export async function checkBaseline(ctx: Context, file?: string): Promise<BaselineComparison> {
  const baseline = await loadBaseline(file);
  const counted = await countGuarded(ctx, [1]);
  const measured = mapSuites(counted, (variant, { name }) => figuresOf(variant, name)[0] as number);
  return compareWithBaseline(baseline, measured, await describeMaker(ctx, counted));
}

/** Counts with all seeds, and records. */
export async function updateBaseline(ctx: Context, reason: string, file?: string): Promise<Baseline> {
  const counted = await countGuarded(ctx, seedsFrom(1, defaultSeedCount));
  const baseline = {
    reason,
    ...(await describeMaker(ctx, counted)),
    counts: mapSuites(counted, (variant, { name }) => recordOf(figuresOf(variant, name))),
  };
  await saveBaseline(baseline, file);
  return baseline;
}

/** What a change of a few instructions in a system call is more than. */
const smallestTolerance = 0.005;

/** The count is the first seed's, with which it will be compared. */
function recordOf(counts: readonly number[]): Baseline["counts"][string][string][string] {
  const count = counts[0] as number;
  const { min, max } = spreadOf(counts);
  const spread = claimThreshold({ median: 1, min: min / count, max: max / count });
  return { count: round(count, 2), tolerance: round(Math.max(smallestTolerance, spread), 4) };
}

type Counted = readonly { readonly suite: Suite; readonly variants: readonly VariantCounts[] }[];

async function countGuarded(ctx: Context, seeds: readonly number[]): Promise<Counted> {
  await requireTools(ctx, ["qemu"]);
  const counted: { suite: Suite; variants: VariantCounts[] }[] = [];
  for (const suite of guardedSuites) {
    const requests: CountRequest[] = [];
    for (const variant of [suite.baseline, ...suite.levels.map(variantOf)])
      requests.push({ boot: await suite.prepare(ctx, variant), seeds, repeat: false });
    const variants = await ctx.log.step(`Counting instructions (${suite.name})`, (log) =>
      countVariants(withLog(ctx, log), requests, { suite: suite.name }),
    );
    counted.push({ suite, variants });
  }
  return counted;
}

async function describeMaker(
  ctx: Context,
  counted: Counted,
): Promise<Pick<Baseline, "maker" | "configHash">> {
  const variants = counted[0]?.variants ?? [];
  const environment = await describeEnvironment(ctx, variants, { seeds: [] });
  return { maker: makerOf(environment), configHash: environment.variants[0]?.configHash ?? "" };
}

function mapSuites<Value>(
  counted: Counted,
  map: (variant: VariantCounts, operation: Suite["operations"][number]) => Value,
): Record<string, Record<string, Record<string, Value>>> {
  return Object.fromEntries(
    counted.map(({ suite, variants }) => [
      suite.name,
      Object.fromEntries(
        variants.map((variant) => [
          variant.boot.variant.name,
          Object.fromEntries(suite.operations.map((operation) => [operation.name, map(variant, operation)])),
        ]),
      ),
    ]),
  );
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
