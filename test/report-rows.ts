// SPDX-License-Identifier: Apache-2.0
/** Rows of a report as measurements give them. */

import type { ReportRow } from "../src/bench/report.js";
import { claimOf, claimThreshold, type Spread } from "../src/bench/statistics.js";

export const spread = (median: number, min = median, max = median): Spread => ({ median, min, max });

/** A row of 1000 instructions with the ratios of its variants. */
export function row(title: string, ratios: Readonly<Record<string, Spread>>): ReportRow {
  return {
    ...{ operation: title, title, evidence: "exact", baseline: spread(1000) },
    cells: Object.entries(ratios).map(([variant, ratio]) => ({
      ...{ variant, ratio, threshold: claimThreshold(ratio), claim: claimOf(ratio) },
      count: spread(ratio.median * 1000, ratio.min * 1000, ratio.max * 1000),
    })),
  };
}

export const rows = [
  row("null call", { "mitigations=off": spread(0.99), base: spread(0.6) }),
  row("pipe", { "mitigations=off": spread(0.9), base: spread(0.95, 0.945, 0.955) }),
  row("fork", { "mitigations=off": spread(0.9), base: spread(0.95, 0.9, 1) }),
  row("thread", { "mitigations=off": spread(1), base: spread(1.055) }),
];
