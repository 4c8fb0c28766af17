// SPDX-License-Identifier: Apache-2.0
/** What was found in all boots of a variant. */

import type { Counts } from "./parse-counts.js";
import type { PreparedBoot } from "./prepare-boot.js";
import type { Variant } from "./variant.js";

export interface VariantRuns {
  readonly boot: PreparedBoot;
  /** In the order of the seeds or rounds. */
  readonly runs: readonly Counts[];
}

/** An operation's figures, in the order of the runs. */
export function figuresOf({ runs, boot }: VariantRuns, operation: string): number[] {
  return runs.map(({ operations }) => {
    const figure = operations.get(operation);
    if (figure === undefined) throw new Error(`${boot.variant.name} did not measure ${operation}`);
    return figure;
  });
}

/** Those of some variants, in the order of those. */
export function selectRuns<Runs extends VariantRuns>(
  all: readonly Runs[],
  variants: readonly [Variant, ...Variant[]],
): [Runs, ...Runs[]] {
  const [first, ...others] = variants.map((variant) => {
    const runs = all.find(({ boot }) => boot.variant === variant);
    if (runs === undefined) throw new Error(`${variant.name} was not measured`);
    return runs;
  });
  return [first as Runs, ...others];
}
