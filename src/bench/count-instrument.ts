// SPDX-License-Identifier: Apache-2.0
/** Counts the guest's instructions: exact, with several layouts of the kernel, and with nothing of the host in it. */

import { type Context, withLog } from "../host/context.js";
import { checkControls } from "./check-controls.js";
import { type CountRequest, countVariants } from "./count-variants.js";
import { describeEnvironment } from "./describe-environment.js";
import type { Instrument, Measurement } from "./instrument.js";
import { type Comparison, compareVariants } from "./report.js";
import { defaultCpuModel } from "./run-counted.js";
import type { BenchHardware } from "./run-guest.js";
import { claimOf, claimThreshold, ratioOf } from "./statistics.js";
import type { Suite } from "./suite.js";
import type { Variant } from "./variant.js";
import { selectRuns } from "./variant-runs.js";

export const defaultSeedCount = 5;

export interface CountInstrumentOptions extends BenchHardware {
  /** From 1 to this; each is another layout of the kernel, and the same number more are for the control. Default 5. */
  readonly seedCount?: number | undefined;
}

export function createCountInstrument({
  machine,
  cpuModel = defaultCpuModel,
  seedCount = defaultSeedCount,
}: CountInstrumentOptions): Instrument {
  const evidence = "exact";
  const hardware = { machine, cpuModel };
  const seeds = seedsFrom(1, seedCount);
  const measure = async (ctx: Context, suite: Suite, variants: readonly Variant[]): Promise<Measurement> => {
    const requests = await prepareRequests(ctx, suite, { variants, seeds });
    const [baseline, control, ...others] = await ctx.log.step(
      `Counting instructions (${suite.name})`,
      (log) =>
        countVariants(withLog(ctx, log), requests, { suite: suite.name, ...hardware, parse: suite.parse }),
    );
    if (baseline === undefined || control === undefined) throw new Error("the baseline was not counted");
    const counted = [baseline, ...others];
    const environment = await describeEnvironment(ctx, counted, { seeds, ...hardware });
    return {
      environment,
      controls: checkControls({
        ...{ baseline, control, variants: others, effects: suite.effects, environment },
        operations: suite.operations.map(({ name }) => name),
      }),
      compare: (reference, variants) =>
        compareVariants(suite.operations, selectRuns(counted, [reference, ...variants]), {
          ...{ evidence, compare: compareCounts },
        }),
    };
  };
  return { evidence, measure };
}

export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** The baseline, the baseline with other seeds, then the others. */
async function prepareRequests(
  ctx: Context,
  suite: Suite,
  { variants, seeds }: { readonly variants: readonly Variant[]; readonly seeds: readonly number[] },
): Promise<CountRequest[]> {
  const requests: CountRequest[] = [];
  for (const variant of variants) {
    const boot = await suite.prepare(ctx, variant);
    requests.push({ boot, seeds, repeat: true });
    const others = seedsFrom(seeds.length + 1, seeds.length);
    if (variant === suite.baseline) requests.push({ boot, seeds: others, repeat: false });
  }
  return requests;
}

function compareCounts(counts: readonly number[], references: readonly number[]): Comparison {
  const ratio = ratioOf(counts, references);
  // One layout says nothing of how much layouts differ.
  return { ratio, threshold: claimThreshold(ratio), claim: counts.length > 1 ? claimOf(ratio) : "same" };
}
