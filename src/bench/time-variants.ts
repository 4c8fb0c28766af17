// SPDX-License-Identifier: Apache-2.0
/** Boots every variant once in each round, one machine at a time. */

import type { Context } from "../host/context.js";
import type { Accelerator } from "../vm/find-accelerator.js";
import { driftOf, largestDrift, parseTimes, type Times } from "./parse-times.js";
import { planRound } from "./plan-round.js";
import type { PreparedBoot } from "./prepare-boot.js";
import type { BenchHardware } from "./run-guest.js";
import { runTimed, type TimedBoot } from "./run-timed.js";
import type { VariantRuns } from "./variant-runs.js";

/** A variant and how long it was found to take, in each round. */
export interface VariantTimes extends VariantRuns {
  readonly runs: readonly Times[];
  /** How many boots measured nothing, and were repeated. */
  readonly repeated: number;
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
  const found = boots.map((boot) => ({ boot, runs: [] as Times[], repeated: 0 }));
  let done = 0;
  for (const [place, round] of rounds.entries()) {
    for (const index of planRound(boots.length, place)) {
      const variant = found[index] as (typeof found)[number];
      const { boot } = variant;
      const title = `${suite} at ${boot.variant.name}, round ${round}`;
      const attempts = await timeBoot(ctx, { ...boot, title, seed: round, ...machine });
      variant.runs.push(attempts.at(-1) as Times);
      variant.repeated += attempts.length - 1;
      ctx.log.progress(++done, boots.length * rounds.length);
    }
  }
  return found;
}

const mostAttempts = 3;

/**
 * When the host stops a guest just while its kernel finds out how fast its clock is, the kernel has a wrong idea of
 * it until it notices: such a boot has measured no time.
 *
 * @returns what each attempt measured; the last one counts
 */
async function timeBoot(ctx: Context, boot: TimedBoot): Promise<Times[]> {
  const attempts: Times[] = [];
  while (attempts.length < mostAttempts) {
    const times = parseTimes(await runTimed(ctx, boot), boot.title);
    attempts.push(times);
    if (driftOf(times.clock) <= largestDrift) break;
    ctx.log.info(`The clock of ${boot.title} went wrong by ${(driftOf(times.clock) * 100).toFixed(2)} %`);
  }
  return attempts;
}
