// SPDX-License-Identifier: Apache-2.0
/** Boots every variant with every seed, and the first seed twice. */

import type { Context } from "../host/context.js";
import { mapParallel } from "../host/map-parallel.js";
import { parseCounts } from "./parse-counts.js";
import type { PreparedBoot } from "./prepare-boot.js";
import { runCounted } from "./run-counted.js";
import type { BenchHardware } from "./run-guest.js";
import type { Suite } from "./suite.js";
import type { VariantRuns } from "./variant-runs.js";

/** A variant and what it was found to cost, with each seed. */
export interface VariantCounts extends VariantRuns {
  /** Whether the first seed gave the same bytes twice; undefined when it was booted once. */
  readonly repeatable: boolean | undefined;
}

export interface CountRequest {
  readonly boot: PreparedBoot;
  readonly seeds: readonly number[];
  /** Boot the first seed twice, and compare all that was written. */
  readonly repeat: boolean;
}

export interface CountOptions extends BenchHardware {
  /** What is counted, for messages: "micro". */
  readonly suite: string;
  /** Default `parseCounts`. */
  readonly parse?: Suite["parse"];
}

/**
 * Counts, as many boots at a time as there are processors.
 *
 * @throws what `runCounted` and the parser throw
 */
export async function countVariants(
  ctx: Context,
  requests: readonly CountRequest[],
  { machine, cpuModel, suite, parse = parseCounts }: CountOptions,
): Promise<VariantCounts[]> {
  const jobs = requests.flatMap(({ boot, seeds, repeat }) =>
    (repeat ? [...seeds.slice(0, 1), ...seeds] : seeds).map((seed) => ({ boot, seed })),
  );
  let done = 0;
  const consoles = await mapParallel(jobs, async ({ boot, seed }) => {
    const title = `${suite} at ${boot.variant.name}, seed ${seed}`;
    const text = await runCounted(ctx, { ...boot, title, seed, machine, cpuModel });
    ctx.log.progress(++done, jobs.length);
    return { text, counts: parse(text, title) };
  });
  return requests.map(({ boot, seeds, repeat }) => {
    const own = consoles.splice(0, seeds.length + (repeat ? 1 : 0));
    const [first, second] = own;
    return {
      boot,
      runs: own.slice(repeat ? 1 : 0).map(({ counts }) => counts),
      repeatable: repeat ? first?.text === second?.text : undefined,
    };
  });
}
