// SPDX-License-Identifier: Apache-2.0
/** Percentile curves as SVG: how long so many of the requests took at most, one curve for each variant. */

import { escapeHtml } from "./escape-html.js";
import type { CurvePoint } from "./histogram.js";
import type { LatencyCurve, RequestLatencies } from "./latency.js";

/** Of a phone: larger screens scale it up. */
const width = 400;
const plot = { left: 46, right: 392, top: 20, bottom: 190 } as const;
const axisHeight = 40;
const legendHeight = 15;
const legendColumns = 2;

/** Both axes are logarithmic: that of the percentiles by 1/(1 − p), so that each nine has the same width. */
export function formatCurves({ title, curves }: RequestLatencies): string {
  const points = curves.flatMap((curve) => curve.points);
  const scale = makeScale(points);
  const rows = Math.ceil(curves.length / legendColumns);
  const height = plot.bottom + axisHeight + rows * legendHeight;
  return `<svg class="curves" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}: latency by percentile">
<text x="0" y="12">time</text><text x="${plot.right}" y="${plot.bottom + 30}" text-anchor="end">percentile of the requests</text>
${formatTimeAxis(scale)}
${formatPercentileAxis(scale)}
${curves.map((curve, index) => formatCurve(curve, index, scale)).join("\n")}
${curves.map((curve, index) => formatKey(curve, index)).join("\n")}
</svg>`;
}

interface Scale {
  /** As a logarithm to the base of 10, of nanoseconds. */
  readonly low: number;
  readonly high: number;
  /** How many nines there are. */
  readonly nines: number;
  readonly x: (percentile: number) => number;
  readonly y: (ns: number) => number;
}

function makeScale(points: readonly CurvePoint[]): Scale {
  const times = points.map(({ ns }) => Math.log10(Math.max(ns, 1)));
  const low = Math.floor(Math.min(...times) * 5) / 5;
  // A flat curve has an axis, too, and so much of one has a tick: between 251 and 398 ns there is none.
  const high = Math.max(Math.ceil(Math.max(...times) * 5) / 5, low + 0.4);
  const nines = Math.max(...points.map(({ percentile }) => ninesOf(percentile)), 1);
  return {
    ...{ low, high, nines },
    x: (percentile) => plot.left + (ninesOf(percentile) / nines) * (plot.right - plot.left),
    y: (ns) => plot.bottom - ((Math.log10(Math.max(ns, 1)) - low) / (high - low)) * (plot.bottom - plot.top),
  };
}

/** 1 for 90 %, 2 for 99 %. */
function ninesOf(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

function formatTimeAxis({ low, high, y }: Scale): string {
  const ticks = [1, 2, 5].flatMap((digit) =>
    Array.from({ length: 12 }, (_, power) => digit * 10 ** power).filter(
      (ns) => Math.log10(ns) >= low - 1e-9 && Math.log10(ns) <= high + 1e-9,
    ),
  );
  return ticks
    .map((ns) => {
      const place = y(ns).toFixed(1);
      return `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${place}" y2="${place}"/><text x="${plot.left - 4}" y="${(y(ns) + 4).toFixed(1)}" text-anchor="end">${formatTime(ns)}</text>`;
    })
    .join("");
}

function formatPercentileAxis({ nines, x }: Scale): string {
  const ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].filter(
    (percentile) => ninesOf(percentile) <= nines,
  );
  return ticks
    .map((percentile) => {
      const place = x(percentile).toFixed(1);
      return `<line class="grid" x1="${place}" x2="${place}" y1="${plot.top}" y2="${plot.bottom}"/><text x="${place}" y="${plot.bottom + 14}" text-anchor="middle">${percentile}%</text>`;
    })
    .join("");
}

/** Colours and dashes are those of the page's style, so that they suit the dark, and show on paper without colours. */
function formatCurve({ points }: LatencyCurve, index: number, { x, y }: Scale): string {
  const places = points.map(({ percentile, ns }) => `${x(percentile).toFixed(1)},${y(ns).toFixed(1)}`);
  return `<polyline class="curve series${index % seriesCount}" points="${places.join(" ")}"/>`;
}

/** As the page's style has. */
export const seriesCount = 8;

function formatKey({ variant }: LatencyCurve, index: number): string {
  const x = plot.left + (index % legendColumns) * 180;
  const y = plot.bottom + axisHeight + Math.floor(index / legendColumns) * legendHeight + 8;
  return `<line class="curve series${index % seriesCount}" x1="${x}" x2="${x + 26}" y1="${y - 4}" y2="${y - 4}"/><text x="${x + 32}" y="${y}">${escapeHtml(variant)}</text>`;
}

/** "500 ns", "20 µs", "1 ms" */
function formatTime(ns: number): string {
  if (ns < 1e3) return `${ns} ns`;
  if (ns < 1e6) return `${ns / 1e3} µs`;
  return ns < 1e9 ? `${ns / 1e6} ms` : `${ns / 1e9} s`;
}
