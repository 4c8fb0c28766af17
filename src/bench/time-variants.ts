// SPDX-License-Identifier: Apache-2.0
/** Boots every variant once in each round, one machine at a time. */

import { UklError } from "../errors/ukl-error.js";
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
 * @throws UklError BENCH_FAILED when a guest's clock goes wrong again and again; what `runTimed` and the parser throw
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
      const { times, repeated } = await timeBoot(ctx, { ...boot, title, seed: round, ...machine });
      variant.runs.push(times);
      variant.repeated += repeated;
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
 * @param repeated how many boots before were such ones
 */
async function timeBoot(
  ctx: Context,
  boot: TimedBoot,
  repeated = 0,
): Promise<{ readonly times: Times; readonly repeated: number }> {
  const times = parseTimes(await runTimed(ctx, boot), boot.title);
  const drift = driftOf(times.clock);
  if (drift <= largestDrift) return { times, repeated };
  const wrong = `The clock of ${boot.title} went wrong by ${(drift * 100).toFixed(2)} %`;
  if (repeated + 1 === mostAttempts)
    throw new UklError("BENCH_FAILED", `Cannot measure time: ${wrong}, after ${repeated} other boots`, {
      hint: "Try again when the machine has less other work, or count instructions: leave out --accel",
    });
  ctx.log.info(wrong);
  return timeBoot(ctx, boot, repeated + 1);
}
