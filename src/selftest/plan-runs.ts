// SPDX-License-Identifier: Apache-2.0
/** The matrix: every combination of what was selected, and the boots that are worth only one row each. */

import { UklError } from "../errors/ukl-error.js";
import { type SuiteLevel, suiteLevels, suiteLevelTraits } from "./suite-level.js";

/** With SMEP, SMAP and FSGSBASE, and without any of them. */
export const cpuModels = ["max", "qemu64"] as const;

export type CpuModel = (typeof cpuModels)[number];

/** A kernel without a further fragment of kernel/config. */
export const defaultConfig = "default";

/** What the rows of the matrix are made of. */
export interface Selection {
  /** Kernel series: "6.12". */
  readonly series: readonly string[];
  /** `defaultConfig`, or the names of fragments of kernel/config: "debug", "tuned+uniprocessor". */
  readonly configs: readonly string[];
  readonly cpuModels: readonly CpuModel[];
  readonly cpus: readonly number[];
  readonly levels: readonly SuiteLevel[];
  /** How many boots with random addresses, for each series and configuration. */
  readonly kaslrBoots: number;
}

export type PartialSelection = { readonly [Part in keyof Selection]?: Selection[Part] | undefined };

/** One boot of the suite. */
export interface SelftestRun {
  readonly series: string;
  readonly config: string;
  readonly cpuModel: CpuModel;
  readonly cpus: number;
  readonly level: SuiteLevel;
  /** `kaslr`: with random addresses. `no5lvl`: with four levels of page tables on a kernel that has five. */
  readonly boot: "plain" | "kaslr" | "no5lvl" | WalkKind;
}

/**
 * Boots of the program that is walked through under a debugger, instead of the suite: by the entry and exit code, with
 * errors in its memory, or with one that is the end of the machine.
 */
export const walkKinds = ["stubs", "memory-errors", "fatal-error"] as const;

export type WalkKind = (typeof walkKinds)[number];

export function isWalk(boot: SelftestRun["boot"]): boot is WalkKind {
  return walkKinds.some((kind) => kind === boot);
}

/**
 * Completes a selection. What is not selected is everything, of the default series and configuration; boots with
 * random addresses belong to the whole matrix of a series and configuration only.
 *
 * @throws UklError USAGE_INVALID for boots with random addresses without a level that can have them
 */
export function completeSelection(selection: PartialSelection, defaultSeries: string): Selection {
  const { cpuModels: models, cpus } = selection;
  const isWhole = [models, cpus, selection.levels].every((part) => part === undefined);
  const levels = selection.levels ?? suiteLevels;
  if ((selection.kaslrBoots ?? 0) > 0 && findMovableLevel(levels) === undefined)
    throw new UklError(
      "USAGE_INVALID",
      `Cannot boot with random addresses at the level ${levels.join(", ")}: its program is bound to fixed ones`,
      { hint: "Add a level that is not: --level base" },
    );
  return {
    series: selection.series ?? [defaultSeries],
    configs: selection.configs ?? [defaultConfig],
    cpuModels: models ?? cpuModels,
    cpus: cpus ?? [1, 2, 4],
    levels,
    kaslrBoots: selection.kaslrBoots ?? (isWhole ? wholeMatrixKaslrBoots : 0),
  };
}

const wholeMatrixKaslrBoots = 5;

/**
 * All runs, in the order in which they are made.
 *
 * @param hasFiveLevels whether the kernel of a series and configuration can use five levels of page tables
 */
export function planRuns(
  selection: Selection,
  hasFiveLevels: (series: string, config: string) => boolean,
): SelftestRun[] {
  return selection.series.flatMap((series) =>
    selection.configs.flatMap((config) => [
      ...planMatrix(selection, { series, config, boot: "plain" }),
      ...(hasFiveLevels(series, config) ? planFourLevels(selection, series, config) : []),
      ...planKaslrBoots(selection, series, config),
    ]),
  );
}

/**
 * All walks of some kinds: one for each series, configuration, level and model, on one CPU. Only a level in ring 0 has
 * stubs of ours.
 */
export function planWalks(selection: Selection, kinds: readonly WalkKind[]): SelftestRun[] {
  const one = { ...selection, cpus: [1] };
  const inRing0 = selection.levels.filter((level) => suiteLevelTraits[level].level !== "linux");
  return selection.series.flatMap((series) =>
    selection.configs.flatMap((config) =>
      kinds.flatMap((boot) => {
        const levels = boot === "stubs" ? inRing0 : selection.levels;
        return planMatrix({ ...one, levels }, { series, config, boot });
      }),
    ),
  );
}

/**
 * The selection for a walk through the stubs, which takes minutes: what is not selected is one boot.
 *
 * @throws UklError USAGE_INVALID when something was selected that has no stubs
 */
export function completeStubSelection(selection: PartialSelection, defaultSeries: string): Selection {
  const complete = completeSelection(
    {
      ...selection,
      levels: selection.levels ?? ["base"],
      cpuModels: selection.cpuModels ?? ["max"],
      cpus: selection.cpus ?? [1],
    },
    defaultSeries,
  );
  const wrong = complete.levels.find((level) => suiteLevelTraits[level].level === "linux");
  if (wrong !== undefined)
    throw new UklError(
      "USAGE_INVALID",
      `Cannot walk through the stubs at level ${wrong}: its program is in ring 3`,
      {
        hint: "Take a level in ring 0: --level base",
      },
    );
  if (complete.cpus.some((cpus) => cpus !== 1) || complete.kaslrBoots > 0)
    throw new UklError(
      "USAGE_INVALID",
      "Cannot walk through the stubs: that is on one CPU, at known addresses",
      {
        hint: "Leave out --cpus and --kaslr",
      },
    );
  return complete;
}

/** "6.12 debug at level base, 2 CPUs qemu64, kaslr" */
export function describeRun({ series, config, level, cpus, cpuModel, boot }: SelftestRun): string {
  const kernel = config === defaultConfig ? series : `${series} ${config}`;
  const processors = `${cpus} ${cpus === 1 ? "CPU" : "CPUs"} ${cpuModel}`;
  return [`${kernel} at level ${level}`, processors, ...(boot === "plain" ? [] : [boot])].join(", ");
}

type Place = Pick<SelftestRun, "series" | "config" | "boot">;

function planMatrix({ levels, cpuModels, cpus }: Selection, place: Place): SelftestRun[] {
  return levels.flatMap((level) =>
    cpuModels.flatMap((cpuModel) => cpus.map((count) => ({ ...place, cpuModel, cpus: count, level }))),
  );
}

/** Of the two models, only "max" has five levels. */
function planFourLevels(selection: Selection, series: string, config: string): SelftestRun[] {
  const cpuModels = selection.cpuModels.filter((model) => model === "max");
  const levels = selection.levels.filter((level) => suiteLevelTraits[level].ukl).slice(0, 1);
  const cpus = selection.cpus.slice(-1);
  return planMatrix({ ...selection, cpuModels, levels, cpus }, { series, config, boot: "no5lvl" });
}

/** They take the models and numbers of CPUs in turn. */
function planKaslrBoots(selection: Selection, series: string, config: string): SelftestRun[] {
  const level = findMovableLevel(selection.levels);
  if (level === undefined) return [];
  const { cpuModels, cpus, kaslrBoots } = selection;
  return Array.from({ length: kaslrBoots }, (_, index) => ({
    series,
    config,
    cpuModel: cpuModels[index % cpuModels.length] ?? "max",
    cpus: cpus[index % cpus.length] ?? 1,
    level,
    boot: "kaslr",
  }));
}

/** The first whose program runs wherever the kernel is. */
function findMovableLevel(levels: readonly SuiteLevel[]): SuiteLevel | undefined {
  return levels.find((level) => suiteLevelTraits[level].program !== "bound");
}
