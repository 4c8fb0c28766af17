// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatChart } from "./format-chart.js";
import type { ReportRow } from "./report.js";
import { spreadOf } from "./statistics.js";

test("formatChart has room for long names of variants, and for their bars", () => {
  const variant = "noapictimer, minimal, pvh";
  const row: ReportRow = {
    ...{ operation: "main", title: "main()", evidence: "exact", baseline: spreadOf([1000]) },
    cells: [{ variant, ratio: spreadOf([0.5]), count: spreadOf([500]), threshold: 0.003, claim: "fewer" }],
  };
  const svg = formatChart([row], "instructions");
  const [, end] = /<text x="([\d.]+)"[^>]* text-anchor="end">noapictimer/.exec(svg) ?? [];
  expect(Number(end)).toBeGreaterThan(variant.length * 6);
  const [, start, length] = /<rect class="fewer" x="([\d.]+)"[^>]* width="([\d.]+)"/.exec(svg) ?? [];
  expect(Number(start)).toBeGreaterThan(Number(end));
  expect(Number(length)).toBeGreaterThan(20);
});
