// SPDX-License-Identifier: Apache-2.0
/** Runs a suite at the wanted levels, and judges what it found. */

import { loadRecipe } from "../app/recipes.js";
import type { Level } from "../config/level.js";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import { requireTools } from "../host/require-tools.js";
import type { KernelConfig } from "../kernel/build-kernel.js";
import type { KernelProfile } from "../kernel/kernel-profile.js";
import { parseFragmentParts } from "../kernel/parse-fragment.js";
import { loadFragments } from "../kernel/series.js";
import { collectProfile } from "../profile/collect-profile.js";
import type { Accelerator } from "../vm/find-accelerator.js";
import { requireCpuModel } from "../vm/require-cpu-model.js";
import { conclude } from "./conclude.js";
import { type CountInstrumentOptions, createCountInstrument } from "./count-instrument.js";
import { evidenceWords } from "./evidence.js";
import type { Instrument, Measurement } from "./instrument.js";
import type { BenchReport, ConfiguredRows } from "./report.js";
import type { Quantity, Suite } from "./suite.js";
import { createTimeInstrument, type TimeInstrumentOptions } from "./time-instrument.js";
import { configuredVariant, partVariant, type Variant, variantOf } from "./variant.js";

export interface BenchRequest extends CountInstrumentOptions, Omit<TimeInstrumentOptions, "accelerator"> {
  readonly suite: Suite;
  /** Measure in time, on this. Undefined: count instructions. */
  readonly accelerator?: Accelerator["kind"] | undefined;
  /** Beyond `linux`, which is always there; default all that the suite's program can have. */
  readonly levels?: readonly Level[] | undefined;
  /**
   * Fragments of the kernel's configuration, by their names in kernel/config. Stock Linux and the levels are counted on
   * such a kernel, too: what the configuration gives is none of a level's gain.
   */
  readonly kernelConfig?: readonly string[] | undefined;
  /** Count stock Linux with each part of those fragments alone, too. */
  readonly eachOption?: boolean | undefined;
  /** Count them on kernels that were compiled by a profile of the program's own test, too. */
  readonly profileGuided?: boolean | undefined;
  /** Count the distribution's own kernel and package, too. */
  readonly distribution?: boolean | undefined;
}

/**
 * Builds, boots and compares.
 *
 * @throws UklError USAGE_INVALID for a level that the suite's program cannot have, an unknown fragment or processor; what
 *   builds and boots throw
 */
export async function runBench(ctx: Context, request: BenchRequest): Promise<BenchReport> {
  const { suite } = request;
  const instrument = chooseInstrument(request);
  const { evidence } = instrument;
  const startedAt = performance.now();
  await requireTools(ctx, ["qemu"]);
  if (request.cpuModel !== undefined)
    await requireCpuModel(ctx, request.cpuModel, request.accelerator ?? "tcg");
  const { references, ...plan } = await planVariants(ctx, request);
  const others = [...references, ...plan.levels, ...plan.configured];
  const variants = [suite.baseline, ...others];
  const measurement = await instrument.measure(ctx, suite, variants);
  const { controls, environment } = measurement;
  const ok = controls.every(({ passed }) => passed);
  const rows = ok ? measurement.compare(suite.baseline, others) : [];
  const configured = ok ? compareConfigured(measurement, plan) : undefined;
  return {
    ...{ suite: suite.name, evidence, ok, controls, environment },
    variants: variants.map(({ name, meaning }) => ({ name, meaning })),
    unit: `${evidenceWords[evidence].unit} ${suite.unit}`,
    ...{ rows, configured },
    ...(ok && measurement.latency !== undefined ? { latency: measurement.latency } : {}),
    quantities: ok ? await measureQuantities(ctx, request, variants) : [],
    conclusion: ok
      ? conclude({
          ...{ rows, references, configured, evidence, runs: environment.seeds },
          latencies: measurement.latency?.rows,
        })
      : [],
    durationMs: performance.now() - startedAt,
  };
}

function chooseInstrument({ accelerator, ...options }: BenchRequest): Instrument {
  return accelerator === undefined
    ? createCountInstrument(options)
    : createTimeInstrument({ ...options, accelerator });
}

interface VariantPlan {
  /** Ordinary Linux in other forms, those with other options of the kernel included. */
  readonly references: readonly Variant[];
  readonly levels: readonly Variant[];
  /** Stock Linux with all of the wanted options, one of the references. */
  readonly configuredBaseline: Variant | undefined;
  /** The levels with them. */
  readonly configured: readonly Variant[];
}

async function planVariants(ctx: Context, { suite, ...wanted }: BenchRequest): Promise<VariantPlan> {
  const { kernelConfig: fragments = [], eachOption = false, profileGuided = false } = wanted;
  const levels = selectLevels(suite, wanted.levels).map(variantOf);
  const references = [
    ...suite.references,
    ...(wanted.distribution === true ? selectDistribution(suite) : []),
  ];
  if (eachOption && fragments.length === 0)
    throw new UklError("USAGE_INVALID", "Cannot count each option: no configuration of the kernel is named", {
      hint: "Name one: --kernel-config tuned",
    });
  const text = await loadFragments(fragments);
  if (fragments.length === 0 && !profileGuided)
    return { references, levels, configuredBaseline: undefined, configured: [] };
  const parts = eachOption ? parseFragmentParts(text) : [];
  const configure = async (variant: Variant): Promise<Variant> => {
    const config = { fragments };
    if (!profileGuided) return configuredVariant(variant, config);
    return configuredVariant(variant, { ...config, profile: await profileOf(ctx, suite, variant, config) });
  };
  const configuredBaseline = await configure(suite.baseline);
  const configuredReferences: Variant[] = [];
  for (const reference of suite.references)
    if (reference.alsoConfigured === true) configuredReferences.push(await configure(reference));
  const configured: Variant[] = [];
  for (const level of levels) configured.push(await configure(level));
  const partVariants = parts.map((part) => partVariant(suite.baseline, part));
  return {
    references: [...references, ...partVariants, configuredBaseline, ...configuredReferences],
    ...{ levels, configuredBaseline, configured },
  };
}

function selectDistribution({ name, distribution }: Suite): readonly Variant[] {
  if (distribution !== undefined) return [distribution];
  throw new UklError(
    "USAGE_INVALID",
    `Cannot measure ${name} on the distribution's kernel: the suite is not made for it`,
    {
      hint: "Measure another suite so: ukl bench redis --distribution",
    },
  );
}

async function profileOf(
  ctx: Context,
  { name, recipe }: Suite,
  { level }: Variant,
  kernelConfig: KernelConfig,
): Promise<KernelProfile> {
  if (recipe === undefined)
    throw new UklError("USAGE_INVALID", `Cannot take a profile for ${name}: its program has no test`, {
      hint: "Take an application's benchmark: ukl bench redis --profile-guided",
    });
  return collectProfile(ctx, { app: await loadRecipe(recipe), level, kernelConfig });
}

/** What the levels are worth where stock Linux has the same options. */
function compareConfigured(
  { compare }: Measurement,
  { configuredBaseline, configured }: Pick<VariantPlan, "configuredBaseline" | "configured">,
): ConfiguredRows | undefined {
  if (configuredBaseline === undefined) return undefined;
  return { baseline: configuredBaseline.name, rows: compare(configuredBaseline, configured) };
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

async function measureQuantities(
  ctx: Context,
  { suite, machine, cpuModel }: BenchRequest,
  variants: readonly Variant[],
): Promise<readonly Quantity[]> {
  const { measure } = suite;
  if (measure === undefined) return [];
  return ctx.log.step(`Measuring images (${suite.name})`, (log) =>
    measure(withLog(ctx, log), variants, { machine, cpuModel }),
  );
}
