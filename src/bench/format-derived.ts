// SPDX-License-Identifier: Apache-2.0
/** An estimate of cycles, term by term: for a terminal and for a page. */

import { type DerivedDifference, type DerivedTerm, derivedLimits } from "./derive-cycles.js";
import { escapeHtml } from "./escape-html.js";
import type { Band } from "./instruction-costs.js";

/** Of its table, in the terminal and on the page: short, for a phone. */
export const derivedHeads = ["Instruction", "Count", "Cycles each", "Cycles"] as const;

/** What they mean. */
export const derivedLegend =
  "Count: how many more a request has, exact. Cycles each: a low, a middle and a high cost, as others have published it. Cycles: their product, the least first.";

export function derivedTitle(reference: string): string {
  return `Derived: an estimate of the difference to ${reference}, cycles per request`;
}

/** A row for each term, then the sum. */
export function listDerived({ terms, sum }: DerivedDifference): string[][] {
  return [...terms.map(listTerm), ["together", "", "", formatBand(sum, formatSigned)]];
}

function listTerm({ name, difference, cost, cycles }: DerivedTerm): string[] {
  return [
    name,
    formatSigned(difference, 1),
    cost === undefined ? "unknown" : formatBand(cost, String),
    cycles === undefined ? "left out" : formatBand(cycles, formatSigned),
  ];
}

function formatBand({ low, mid, high }: Band, format: (value: number) => string): string {
  return [low, mid, high].map((value) => format(value)).join(", ");
}

/** "−105", "+2", "0" */
function formatSigned(value: number, digits = 0): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** A table for each level, and where the costs are from; nothing where nothing is compared. */
export function formatDerived(differences: readonly DerivedDifference[]): string {
  const [first] = differences;
  if (first === undefined) return "";
  const sources = first.terms.map(
    ({ name, cost }) =>
      `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(cost?.source ?? "no figure was found: left out of the sum")}</dd>`,
  );
  return `<h2>${escapeHtml(derivedTitle(first.reference))}</h2>
<p><span class="badge">evidence: ${first.evidence}</span> ${escapeHtml(derivedLimits)}</p>
<p>${escapeHtml(derivedLegend)}</p>
${differences.map(formatDifference).join("\n")}
<h3>Where the costs are from</h3>
<dl>${sources.join("")}</dl>`;
}

function formatDifference(difference: DerivedDifference): string {
  const heads = derivedHeads.map((head) => `<th scope="col">${escapeHtml(head)}</th>`).join("");
  const rows = listDerived(difference).map(([name = "", ...cells]) => {
    const rest = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(name)}</th>${rest}</tr>`;
  });
  return `<h3>${escapeHtml(difference.variant)}</h3>
<div class="scroll"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}
