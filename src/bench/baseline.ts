// SPDX-License-Identifier: Apache-2.0
/**
 * The counts that were recorded last, and whether others are worse. Counts are exact, so the smallest step back shows;
 * but another compiler or emulator counts differently without anybody's fault, so what they were made with belongs to
 * them.
 */

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import { packagePath } from "../host/package-path.js";
import { replaceFile } from "../host/replace-file.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";
import type { Environment } from "./describe-environment.js";

const makerSchema = z.strictObject({
  qemu: z.string(),
  machine: z.string(),
  cpuModel: z.string(),
  kernelVersion: z.string(),
  kernelCompiler: z.string(),
  programCompiler: z.string(),
});

const entrySchema = z.strictObject({
  count: z.number().positive(),
  /** How much more is no step back, as a part of the count. */
  tolerance: z.number().positive(),
});

const baselineSchema = z.strictObject({
  /** Why the counts were recorded anew. */
  reason: z.string().min(1),
  /** What made the counts: with anything else they cannot be compared. */
  maker: makerSchema,
  /** Of the kernel's options. A change of ours, and so no reason not to compare, but one for a difference. */
  configHash: z.string(),
  /** By suite, variant and operation. */
  counts: z.record(z.string(), z.record(z.string(), z.record(z.string(), entrySchema))),
});

export type Baseline = z.output<typeof baselineSchema>;
type Maker = Baseline["maker"];

/** The file that is kept with the sources. */
export const baselineFile = packagePath("test", "bench-baseline.json");

/** A value for each suite, variant and operation. */
export type PerOperation<Value> = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, Value>>>>>
>;

export interface BaselineChange {
  /** "null_call at base (micro)" */
  readonly what: string;
  readonly was: number;
  readonly is: number;
  readonly tolerance: number;
}

export interface BaselineComparison {
  /** Why nothing can be compared, one sentence each; empty when it can. */
  readonly obstacles: readonly string[];
  readonly worse: readonly BaselineChange[];
  readonly better: readonly BaselineChange[];
  /** What only one side knows: not guarded until it is recorded. */
  readonly unmatched: readonly string[];
  /** The kernel's options are others than when the counts were recorded. */
  readonly configChanged: boolean;
  readonly compared: number;
}

/** @throws UklError BENCH_FAILED when there is none, or it is damaged */
export async function loadBaseline(file = baselineFile): Promise<Baseline> {
  try {
    return baselineSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new UklError("BENCH_FAILED", `Cannot read the recorded counts "${file}": ${explainDamage(cause)}`, {
      hint: `Get them back: git checkout -- ${file}\nOr record them anew: ukl bench baseline --reason "…"`,
      cause,
    });
  }
}

function explainDamage(error: unknown): string {
  if (error instanceof z.ZodError) return `it is damaged\n${z.prettifyError(error)}`;
  if (isSystemError(error, "ENOENT")) return "it does not exist";
  return (error as Error).message;
}

export async function saveBaseline(baseline: Baseline, file = baselineFile): Promise<void> {
  try {
    await replaceFile(file, `${JSON.stringify(baseline, null, 2)}\n`);
  } catch (error) {
    throw explainSystemError(error, "record the counts");
  }
}

/** Of an environment that which has to be the same. */
export function makerOf(environment: Environment): Maker {
  const { qemu, machine, cpuModel, kernelVersion, kernelCompiler, programCompiler } = environment;
  return { qemu, machine, cpuModel, kernelVersion, kernelCompiler, programCompiler };
}

/** Compares counts with the recorded ones. */
export function compareWithBaseline(
  baseline: Baseline,
  measured: PerOperation<number>,
  made: Pick<Baseline, "maker" | "configHash">,
): BaselineComparison {
  const obstacles = findObstacles(baseline.maker, made.maker);
  const configChanged = baseline.configHash !== made.configHash;
  const none = { worse: [], better: [], unmatched: [], compared: 0 };
  if (obstacles.length > 0) return { obstacles, configChanged, ...none };
  const recorded = flatten(baseline.counts);
  const found = flatten(measured);
  const changes = [...recorded].flatMap(([what, { count: was, tolerance }]) => {
    const is = found.get(what);
    return is === undefined ? [] : [{ what, was, is, tolerance }];
  });
  return {
    ...{ obstacles, configChanged },
    worse: changes.filter(({ was, is, tolerance }) => is > was * (1 + tolerance)),
    better: changes.filter(({ was, is, tolerance }) => is < was * (1 - tolerance)),
    unmatched: [
      ...[...recorded.keys()]
        .filter((what) => !found.has(what))
        .map((what) => `${what} is recorded, but was not counted`),
      ...[...found.keys()]
        .filter((what) => !recorded.has(what))
        .map((what) => `${what} was counted, but is not recorded`),
    ],
    compared: changes.length,
  };
}

const makerNames: Readonly<Record<keyof Maker, string>> = {
  qemu: "the emulator",
  machine: "the machine",
  cpuModel: "the processor's model",
  kernelVersion: "Linux",
  kernelCompiler: "the kernel's compiler",
  programCompiler: "the program's compiler and C library",
};

function findObstacles(recorded: Maker, made: Maker): string[] {
  return (Object.keys(makerNames) as (keyof Maker)[])
    .filter((key) => recorded[key] !== made[key])
    .map((key) => `${makerNames[key]} is "${made[key]}", and was "${recorded[key]}"`);
}

/** By "OPERATION at VARIANT (SUITE)". */
function flatten<Value>(suites: PerOperation<Value>): ReadonlyMap<string, Value> {
  return new Map(
    Object.entries(suites).flatMap(([suite, variants]) =>
      Object.entries(variants).flatMap(([variant, operations]) =>
        Object.entries(operations).map(
          ([name, value]) => [`${name} at ${variant} (${suite})`, value] as const,
        ),
      ),
    ),
  );
}
