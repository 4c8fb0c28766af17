// SPDX-License-Identifier: Apache-2.0
/** Boots every variant once in each round, one machine at a time. */

import type { Context } from "../host/context.js";
import type { Accelerator } from "../vm/find-accelerator.js";
import { parseTimes, type Times } from "./parse-times.js";
import { planRound } from "./plan-round.js";
import type { PreparedBoot } from "./prepare-boot.js";
import type { BenchHardware } from "./run-guest.js";
import { runTimed } from "./run-timed.js";
import type { VariantRuns } from "./variant-runs.js";

/** A variant and how long it was found to take, in each round. */
export interface VariantTimes extends VariantRuns {
  readonly runs: readonly Times[];
}

export interface TimeOptions extends BenchHardware {
  /** What is measured, for messages: "micro". */
  readonly suite: string;
  readonly accelerator: Accelerator["kind"];
  /** Their numbers, each of which is its boots' seed. */
  readonly rounds: readonly number[];
}

/**
 * Measures.
 *
 * @param boots the same one may be there twice
 * @throws what `runTimed` and the parser throw
 */
export async function timeVariants(
  ctx: Context,
  boots: readonly PreparedBoot[],
  { suite, rounds, ...machine }: TimeOptions,
): Promise<VariantTimes[]> {
  const found = boots.map((boot) => ({ boot, runs: [] as Times[] }));
  let done = 0;
  for (const [place, round] of rounds.entries()) {
    for (const index of planRound(boots.length, place)) {
      const { boot, runs } = found[index] as (typeof found)[number];
      const title = `${suite} at ${boot.variant.name}, round ${round}`;
      const text = await runTimed(ctx, { ...boot, title, seed: round, ...machine });
      runs.push(parseTimes(text, title));
      ctx.log.progress(++done, boots.length * rounds.length);
    }
  }
  return found;
}
