// SPDX-License-Identifier: Apache-2.0
/** A bar chart as SVG: for each operation and variant how far it is from stock Linux, fewer to the left. */

import { formatPercent } from "./conclude.js";
import { escapeHtml } from "./escape-html.js";
import type { ReportCell, ReportRow } from "./report.js";

/** Of a phone: larger screens scale it up. */
const width = 400;
const leastLabelWidth = 110;
/** Of the page's font, which is no monospaced one, on average and more. */
const letterWidth = 6.2;
const labelGap = 8;
/** For the percentages beside the longest bars. */
const margin = 50;
const barHeight = 14;
const titleHeight = 22;

/**
 * Every variant of every row has a bar; the longest spans half of the plot. A drawing for each row, so that paper breaks
 * between them.
 *
 * @param subject what the rows are figures of
 */
export function formatChart(rows: readonly ReportRow[], subject: string): string {
  const changes = rows.flatMap(({ cells }) => cells.map(changeOf));
  const reach = Math.max(...changes.map(Math.abs), 0.01);
  const letters = Math.max(...rows.flatMap(({ cells }) => cells.map(({ variant }) => variant.length)), 0);
  const labels = Math.max(leastLabelWidth, letters * letterWidth + labelGap);
  const labelWidth = labels > width / 2 ? undefined : labels;
  const middle = ((labelWidth ?? 0) + width) / 2;
  const scale = (width - middle - margin) / reach;
  return rows.map((row) => formatGroup(row, subject, { labelWidth, middle, scale })).join("\n");
}

interface Plot {
  /** Of the names beside the bars; undefined when they are too long for that, and stand above. */
  readonly labelWidth: number | undefined;
  readonly middle: number;
  /** Units for each part of the whole. */
  readonly scale: number;
}

function formatGroup({ title, cells }: ReportRow, subject: string, plot: Plot): string {
  const rowHeight = plot.labelWidth === undefined ? 2 * barHeight : barHeight;
  const height = titleHeight + cells.length * rowHeight + 6;
  const bars = cells.map((cell, index) => formatBar(cell, plot, titleHeight + index * rowHeight));
  const name = escapeHtml(title);
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}: change in ${subject} against stock Linux"><line class="axis" x1="${plot.middle}" x2="${plot.middle}" y1="0" y2="${height}"/><text x="0" y="14" font-weight="bold">${name}</text>${bars.join("")}</svg>`;
}

function formatBar(cell: ReportCell, { labelWidth, middle, scale }: Plot, top: number): string {
  const change = changeOf(cell);
  const length = Math.abs(change) * scale;
  const x = change < 0 ? middle - length : middle;
  const end = change < 0 ? x - 4 : x + length + 4;
  const y = labelWidth === undefined ? top + barHeight : top;
  const place = labelWidth === undefined ? 'x="0"' : `x="${labelWidth - labelGap}" text-anchor="end"`;
  return [
    `<text ${place} y="${top + 10}">${escapeHtml(cell.variant)}</text>`,
    `<rect class="${cell.claim}" x="${x.toFixed(1)}" y="${y + 2}" width="${Math.max(length, 1).toFixed(1)}" height="${barHeight - 3}"/>`,
    `<text x="${end.toFixed(1)}" y="${y + 10}" text-anchor="${change < 0 ? "end" : "start"}">${formatPercent(change * 100)}</text>`,
  ].join("");
}

function changeOf({ ratio }: ReportCell): number {
  return ratio.median - 1;
}
