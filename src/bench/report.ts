// SPDX-License-Identifier: Apache-2.0
/** What a benchmark found, as JSON can hold it: figures only when its controls passed. */

import type { Control } from "./check-controls.js";
import { countsOf, type VariantCounts } from "./count-variants.js";
import type { Environment } from "./describe-environment.js";
import { type Claim, claimOf, claimThreshold, ratioOf, type Spread, spreadOf } from "./statistics.js";
import type { Quantity, Suite } from "./suite.js";

export interface BenchReport {
  readonly suite: Suite["name"];
  /** How the figures came about, and so what they support: `exact` are counts of the guest's instructions. */
  readonly evidence: "exact";
  /** All controls passed. */
  readonly ok: boolean;
  readonly controls: readonly Control[];
  readonly environment: Environment;
  readonly variants: readonly ReportedVariant[];
  /** What a figure counts: "instructions per operation". */
  readonly unit: string;
  /** Empty when a control failed. */
  readonly rows: readonly ReportRow[];
  /** Undefined when the kernel was not to have further options, or a control failed. */
  readonly configured: ConfiguredRows | undefined;
  /** What is no count of instructions that differs from seed to seed: sizes. Empty when a control failed. */
  readonly quantities: readonly Quantity[];
  /** What the figures support, in sentences. */
  readonly conclusion: readonly string[];
  readonly durationMs: number;
}

/** The levels with further options of the kernel, compared with stock Linux that has the same: none is a gain of those. */
export interface ConfiguredRows {
  /** The variant that they are compared with. */
  readonly baseline: string;
  readonly rows: readonly ReportRow[];
}

export interface ReportedVariant {
  readonly name: string;
  readonly meaning: string;
}

export interface ReportRow {
  readonly operation: string;
  /** What it is to a reader. */
  readonly title: string;
  readonly evidence: BenchReport["evidence"];
  readonly baseline: Spread;
  /** In the order of the report's variants. */
  readonly cells: readonly ReportCell[];
}

export interface ReportCell {
  readonly variant: string;
  readonly count: Spread;
  /** To the baseline, seed by seed. */
  readonly ratio: Spread;
  /** How far from 1 it has to be to be called a difference. */
  readonly threshold: number;
  readonly claim: Claim;
}

/** Compares every variant with the baseline. */
export function compareVariants(
  suite: Suite,
  baseline: VariantCounts,
  variants: readonly VariantCounts[],
): ReportRow[] {
  return suite.operations.map(({ name, title }) => {
    const references = countsOf(baseline, name);
    return {
      operation: name,
      title,
      evidence: "exact",
      baseline: spreadOf(references),
      cells: variants.map((variant) => {
        const counts = countsOf(variant, name);
        const ratio = ratioOf(counts, references);
        return {
          variant: variant.boot.variant.name,
          count: spreadOf(counts),
          ratio,
          threshold: claimThreshold(ratio),
          // One layout says nothing of how much layouts differ.
          claim: counts.length > 1 ? claimOf(ratio) : "same",
        };
      }),
    };
  });
}
