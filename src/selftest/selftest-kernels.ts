// SPDX-License-Identifier: Apache-2.0
/** The kernels of a matrix. */

import type { Context } from "../host/context.js";
import { buildKernel, type Kernel } from "../kernel/build-kernel.js";
import { hasOption } from "../kernel/kernel-facts.js";
import { loadFragments, loadSeries } from "../kernel/series.js";
import { defaultConfig, type Selection, type SelftestRun } from "./plan-runs.js";
import { suiteLevelTraits } from "./suite-level.js";

export interface SelftestKernels {
  /** The kernel of a row. */
  kernelOf(run: Pick<SelftestRun, "series" | "config" | "level">): Kernel;
  /** Whether our kernel of a series and configuration is there, and can use five levels of page tables. */
  hasFiveLevels(series: string, config: string): boolean;
}

/**
 * Looks whether there is what was selected; builds nothing.
 *
 * @throws UklError USAGE_INVALID for a series or a fragment that does not exist
 */
export async function checkKernels({ series, configs }: Selection): Promise<void> {
  for (const version of series) await loadSeries(version);
  await loadFragments(configs.flatMap(fragmentsOf));
}

/** Builds those that the selected levels need, or finds them in the cache. */
export async function buildKernels(ctx: Context, selection: Selection): Promise<SelftestKernels> {
  const built = new Map<string, Kernel>();
  const fiveLevels = new Set<string>();
  const kinds = new Set(selection.levels.map((level) => suiteLevelTraits[level].ukl));
  for (const series of selection.series)
    for (const config of selection.configs)
      for (const ukl of kinds) {
        const kernel = await buildKernel(ctx, { series, ukl, fragments: fragmentsOf(config) });
        const name = nameOf(series, config, ukl);
        built.set(name, kernel);
        if (await canUseFiveLevels(kernel)) fiveLevels.add(name);
      }
  return {
    kernelOf({ series, config, level }) {
      const kernel = built.get(nameOf(series, config, suiteLevelTraits[level].ukl));
      if (kernel === undefined) throw new Error(`no kernel was built for ${series} ${config} ${level}`);
      return kernel;
    },
    hasFiveLevels: (series, config) => fiveLevels.has(nameOf(series, config, true)),
  };
}

function fragmentsOf(config: string): string[] {
  return config === defaultConfig ? [] : config.split("+");
}

function nameOf(series: string, config: string, ukl: boolean): string {
  return [series, config, ukl ? "ukl" : "stock"].join(" ");
}

async function canUseFiveLevels({ tree }: Kernel): Promise<boolean> {
  return hasOption(tree, "CONFIG_X86_5LEVEL");
}
