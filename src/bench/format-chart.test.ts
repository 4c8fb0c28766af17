// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatChart } from "./format-chart.js";
import type { ReportRow } from "./report.js";
import { spreadOf } from "./statistics.js";

function draw(variant: string): {
  label: string;
  labelTop: number;
  bar: [x: number, top: number, width: number];
} {
  const row: ReportRow = {
    ...{ operation: "main", title: "main()", evidence: "exact", baseline: spreadOf([1000]) },
    cells: [{ variant, ratio: spreadOf([0.5]), count: spreadOf([500]), threshold: 0.003, claim: "fewer" }],
  };
  const svg = formatChart([row], "instructions");
  const [, label = "", labelTop] = new RegExp(`<text (x="[^>]*) y="(\\d+)">${variant}`).exec(svg) ?? [];
  const [, ...bar] = /<rect class="fewer" x="([\d.]+)" y="(\d+)" width="([\d.]+)"/.exec(svg) ?? [];
  const [x = Number.NaN, top = Number.NaN, width = Number.NaN] = bar.map(Number);
  return { label, labelTop: Number(labelTop), bar: [x, top, width] };
}

test("formatChart has room for the names of variants beside their bars", () => {
  const variant = "noapictimer, minimal, pvh";
  const { label, bar } = draw(variant);
  const [, end] = /^x="([\d.]+)" text-anchor="end"$/.exec(label) ?? [];
  expect(Number(end)).toBeGreaterThan(variant.length * 6);
  expect(bar[0]).toBeGreaterThan(Number(end));
  expect(bar[2]).toBeGreaterThan(20);
});

test("formatChart has names that would leave the bars no room above them", () => {
  const { label, labelTop, bar } = draw("shortcut, tuned, compiler, unhardened, uniprocessor");
  expect(label).toBe('x="0"');
  expect(bar[1]).toBeGreaterThan(labelTop);
  expect(bar[2]).toBeGreaterThan(100);
});
