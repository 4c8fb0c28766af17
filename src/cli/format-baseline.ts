// SPDX-License-Identifier: Apache-2.0
/** What `ukl bench baseline` prints. */

import type { BaselineChange, BaselineComparison } from "../bench/baseline.js";
import { formatPercent } from "../bench/conclude.js";

export function formatBaseline(comparison: BaselineComparison): string {
  const { obstacles, worse, better, unmatched, configChanged, compared } = comparison;
  if (obstacles.length > 0)
    return [
      "Not comparable: the recorded counts were made with something else",
      ...obstacles.map((text) => `  ${text}`),
    ].join("\n");
  return [
    ...worse.map((change) => `worse   ${formatChange(change)}`),
    ...better.map((change) => `better  ${formatChange(change)}`),
    ...unmatched,
    ...(configChanged ? ["The kernel's configuration is another one than when they were recorded"] : []),
    `${compared} counts compared: ${worse.length} worse, ${better.length} better`,
    ...(worse.length + better.length + unmatched.length === 0
      ? []
      : ['If that is meant: ukl bench baseline --reason "…"']),
  ].join("\n");
}

function formatChange({ what, was, is, tolerance }: BaselineChange): string {
  const allowed = `allowed: ${(tolerance * 100).toFixed(1)} %`;
  return `${what}: ${was.toFixed(1)} → ${is.toFixed(1)} (${formatPercent((is / was - 1) * 100)}; ${allowed})`;
}
