// SPDX-License-Identifier: Apache-2.0
/** Measures in time: many rounds, in each of which every variant is booted once. */

import { availableParallelism, cpus } from "node:os";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import { type Accelerator, findAccelerator } from "../vm/find-accelerator.js";
import { checkTimes, compareSame, compareTimes, leastRounds } from "./check-times.js";
import { seedsFrom } from "./count-instrument.js";
import { describeEnvironment, type HostFacts } from "./describe-environment.js";
import { type Evidence, evidenceWords } from "./evidence.js";
import { histogramResolution } from "./histogram.js";
import type { Instrument, Measurement } from "./instrument.js";
import { collectLatencies, type Intervals, latencyOperations, planIntervals } from "./latency.js";
import type { PreparedBoot } from "./prepare-boot.js";
import { compareVariants } from "./report.js";
import type { BenchHardware } from "./run-guest.js";
import { timedCpuModels } from "./run-timed.js";
import { type Spread, smallestClaim } from "./statistics.js";
import type { Operation, Suite, TimedSuite } from "./suite.js";
import { type TimeOptions, timeVariants } from "./time-variants.js";
import type { Variant } from "./variant.js";
import { selectRuns } from "./variant-runs.js";

export interface TimeInstrumentOptions extends BenchHardware {
  readonly accelerator: Accelerator["kind"];
  /** Default `leastRounds`. */
  readonly roundCount?: number | undefined;
}

const evidenceOf = { kvm: "kvm", tcg: "emulated-wall" } as const satisfies Record<
  Accelerator["kind"],
  Evidence
>;

export function createTimeInstrument({
  accelerator,
  roundCount = leastRounds,
  machine,
  cpuModel = timedCpuModels[accelerator],
}: TimeInstrumentOptions): Instrument {
  const evidence = evidenceOf[accelerator];
  const claims = evidenceWords[evidence].supportsClaims && roundCount >= leastRounds;
  const rounds = seedsFrom(1, roundCount);
  const measure = async (ctx: Context, suite: Suite, variants: readonly Variant[]): Promise<Measurement> => {
    const options = { suite: suite.name, accelerator, machine, cpuModel, rounds };
    const { boots, intervals } = await prepareBoots(ctx, suite, { variants, options });
    const [baseline, control, ...others] = await ctx.log.step(`Measuring time (${suite.name})`, (log) =>
      timeVariants(withLog(ctx, log), boots, options),
    );
    if (baseline === undefined || control === undefined) throw new Error("the baseline was not measured");
    const measured = [baseline, ...others];
    const environment = await describeEnvironment(ctx, measured, {
      ...{ seeds: rounds, machine, cpuModel },
      host: describeHost(accelerator),
    });
    const requests = suite.time?.requests ?? [];
    const operations = suite.operations.filter(({ onlyCounted }) => onlyCounted !== true);
    const latencies = latencyOperations(requests, intervals);
    const names = [...operations, ...latencies].map(({ name }) => name);
    const same = compareSame(baseline, control, names);
    const compare = (
      operations: readonly Operation[],
      resolution: number,
      variants: readonly [Variant, ...Variant[]],
    ) =>
      compareVariants(operations, selectRuns(measured, variants), {
        evidence,
        compare: (times, references, operation) =>
          compareTimes(times, references, { same: same.get(operation) as Spread, resolution, claims }),
      });
    const latency = {
      rows: compare(latencies, histogramResolution, [
        suite.baseline,
        ...others.map(({ boot }) => boot.variant),
      ]),
      requests: collectLatencies(requests, measured),
    };
    return {
      environment,
      controls: checkTimes([...measured, control], same, environment),
      compare: (reference, variants) => compare(operations, smallestClaim, [reference, ...variants]),
      ...(requests.length === 0 ? {} : { latency }),
    };
  };
  return { evidence, measure };
}

function describeHost(accelerator: Accelerator["kind"]): HostFacts {
  return { accelerator, processor: cpus()[0]?.model ?? "unknown", processors: availableParallelism() };
}

/** The baseline twice, then the others; all of them with the rate of requests that fits the baseline. */
async function prepareBoots(
  ctx: Context,
  suite: Suite,
  { variants, options }: { readonly variants: readonly Variant[]; readonly options: TimeOptions },
): Promise<{ readonly boots: readonly PreparedBoot[]; readonly intervals: Intervals }> {
  const time = requireTime(suite);
  const pilot = await time.prepare(ctx, suite.baseline);
  // Before everything else is built: it may not work here.
  await findAccelerator(ctx, options.accelerator, pilot.kernel.bzImage);
  const intervals = await findIntervals(ctx, time, { pilot, options });
  const boots: PreparedBoot[] = [];
  for (const variant of variants) {
    const boot = await time.prepare(ctx, variant, intervals);
    boots.push(...(variant === suite.baseline ? [boot, boot] : [boot]));
  }
  return { boots, intervals };
}

function requireTime({ name, time }: Suite): TimedSuite {
  if (time !== undefined) return time;
  throw new UklError("USAGE_INVALID", `Cannot measure ${name} in time: its figures are counts only`, {
    hint: "Leave out the accelerator",
  });
}

async function findIntervals(
  ctx: Context,
  { requests }: TimedSuite,
  { pilot, options }: { readonly pilot: PreparedBoot; readonly options: TimeOptions },
): Promise<Intervals> {
  if (requests.length === 0) return {};
  const [first] = await ctx.log.step(`Finding the rate of requests (${options.suite})`, (log) =>
    timeVariants(withLog(ctx, log), [pilot], { ...options, rounds: [0] }),
  );
  const times = first?.runs[0];
  if (times === undefined) throw new Error("the pilot was not measured");
  return planIntervals(requests, times);
}
