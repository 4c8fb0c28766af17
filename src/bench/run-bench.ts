// SPDX-License-Identifier: Apache-2.0
/** Runs a suite at the wanted levels, and judges what it found. */

import type { Level } from "../config/level.js";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import { requireTools } from "../host/require-tools.js";
import { checkControls } from "./check-controls.js";
import { conclude } from "./conclude.js";
import { type CountRequest, countVariants, type VariantCounts } from "./count-variants.js";
import { describeEnvironment } from "./describe-environment.js";
import { type BenchReport, compareVariants } from "./report.js";
import type { Quantity, Suite } from "./suite.js";
import { type Variant, variantOf } from "./variant.js";

export interface BenchRequest {
  readonly suite: Suite;
  /** Beyond `linux`, which is always there; default all that the suite's program can have. */
  readonly levels?: readonly Level[] | undefined;
  /** QEMU's name of the processor's model; default: all that there is but fast string instructions. */
  readonly cpuModel?: string | undefined;
  /** From 1 to this; each is another layout of the kernel, and the same number more are for the control. Default 5. */
  readonly seedCount?: number | undefined;
}

export const defaultSeedCount = 5;

/**
 * Builds, boots and compares.
 *
 * @throws UklError USAGE_INVALID for a level that the suite's program cannot have; what builds and boots throw
 */
export async function runBench(ctx: Context, request: BenchRequest): Promise<BenchReport> {
  const { suite, cpuModel, seedCount = defaultSeedCount } = request;
  const seeds = seedsFrom(1, seedCount);
  const startedAt = performance.now();
  const variants = [...suite.references, ...selectLevels(suite, request.levels).map(variantOf)];
  await requireTools(ctx, ["qemu"]);
  const [baseline, control, ...others] = await countAll(ctx, request, variants, seeds);
  if (baseline === undefined || control === undefined) throw new Error("the baseline was not counted");
  const { operations, effects } = suite;
  const environment = await describeEnvironment(ctx, [baseline, ...others], { seeds, cpuModel });
  const controls = checkControls({
    ...{ baseline, control, variants: others, effects, environment },
    operations: operations.map(({ name }) => name),
  });
  const ok = controls.every(({ passed }) => passed);
  const rows = ok ? compareVariants(suite, baseline, others) : [];
  return {
    ...{ suite: suite.name, evidence: "exact", ok, controls, environment },
    variants: [baseline, ...others].map(({ boot: { variant } }) => ({
      name: variant.name,
      meaning: variant.meaning,
    })),
    unit: suite.unit,
    rows,
    quantities: ok ? await measureQuantities(ctx, request, [suite.baseline, ...variants]) : [],
    conclusion: ok ? conclude(rows, suite.references) : [],
    durationMs: performance.now() - startedAt,
  };
}

/** The levels of a suite, or those of them that are wanted. */
export function selectLevels(suite: Suite, wanted: readonly Level[] | undefined): Suite["levels"] {
  if (wanted === undefined) return suite.levels;
  const impossible = wanted.find((level) => level !== "linux" && !suite.levels.includes(level));
  if (impossible !== undefined)
    throw new UklError("USAGE_INVALID", `Cannot measure ${suite.name} at the level ${impossible}`, {
      hint: `Its levels are: linux, ${suite.levels.join(", ")}`,
    });
  return suite.levels.filter((level) => wanted.includes(level));
}

/** The baseline, the baseline with other seeds, then the variants. */
async function countAll(
  ctx: Context,
  { suite, cpuModel }: BenchRequest,
  variants: readonly Suite["baseline"][],
  seeds: readonly number[],
): Promise<VariantCounts[]> {
  const requests: CountRequest[] = [];
  for (const variant of [suite.baseline, ...variants]) {
    const boot = await suite.prepare(ctx, variant);
    requests.push({ boot, seeds, repeat: true });
    const others = seedsFrom(seeds.length + 1, seeds.length);
    if (variant === suite.baseline) requests.push({ boot, seeds: others, repeat: false });
  }
  return ctx.log.step(`Counting instructions (${suite.name})`, (log) =>
    countVariants(withLog(ctx, log), requests, { suite: suite.name, cpuModel, parse: suite.parse }),
  );
}

async function measureQuantities(
  ctx: Context,
  { suite, cpuModel }: BenchRequest,
  variants: readonly Variant[],
): Promise<readonly Quantity[]> {
  const { measure } = suite;
  if (measure === undefined) return [];
  return ctx.log.step(`Measuring images (${suite.name})`, (log) =>
    measure(withLog(ctx, log), variants, { cpuModel }),
  );
}

export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
