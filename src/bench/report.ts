// SPDX-License-Identifier: Apache-2.0
/** What a benchmark found, as JSON can hold it: figures only when its controls passed. */

import type { Control } from "./check-controls.js";
import type { Environment } from "./describe-environment.js";
import type { Evidence } from "./evidence.js";
import type { LatencyReport } from "./latency.js";
import { type Claim, type Spread, spreadOf } from "./statistics.js";
import type { Operation, Quantity, Suite } from "./suite.js";
import { figuresOf, type VariantRuns } from "./variant-runs.js";

export interface BenchReport {
  readonly suite: Suite["name"];
  /** How the figures came about, and so what they support. */
  readonly evidence: Evidence;
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
  /** Of a server, in time; undefined when a control failed, too. */
  readonly latency?: LatencyReport;
  /** What does not differ from run to run: sizes. Empty when a control failed. */
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
  readonly evidence: Evidence;
  readonly baseline: Spread;
  /** In the order of the report's variants. */
  readonly cells: readonly ReportCell[];
}

export interface ReportCell {
  readonly variant: string;
  readonly count: Spread;
  /** To the baseline, run by run. */
  readonly ratio: Spread;
  /** How far from 1 it has to be to be called a difference. */
  readonly threshold: number;
  readonly claim: Claim;
}

/** What can be said of a variant's figures beside the baseline's, run by run. */
export type Comparison = Pick<ReportCell, "ratio" | "threshold" | "claim">;
export type Compare = (
  figures: readonly number[],
  references: readonly number[],
  operation: string,
) => Comparison;

/** Compares every variant with the baseline, by the means of an instrument. */
export function compareVariants(
  operations: readonly Operation[],
  [baseline, ...variants]: readonly [VariantRuns, ...VariantRuns[]],
  { evidence, compare }: { readonly evidence: Evidence; readonly compare: Compare },
): ReportRow[] {
  return operations.map(({ name, title }) => {
    const references = figuresOf(baseline, name);
    return {
      ...{ operation: name, title, evidence },
      baseline: spreadOf(references),
      cells: variants.map((variant) => {
        const figures = figuresOf(variant, name);
        return {
          variant: variant.boot.variant.name,
          count: spreadOf(figures),
          ...compare(figures, references, name),
        };
      }),
    };
  });
}
