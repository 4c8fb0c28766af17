// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { StressResult } from "../stress/run-stress.js";
import { formatStress } from "./format-stress.js";

const passed: StressResult = {
  ...{ scenario: "memory", ok: true, findings: [], problems: [], durationMs: 32_000 },
  figures: { "hogs ended": 6, "answers checked": 812 },
};
const failed: StressResult = {
  ...{ scenario: "power-cut", ok: false, figures: {}, durationMs: 125_000 },
  findings: ["After a power cut cut:0:1 is missing"],
  problems: [
    { kind: "warning", summary: "WARNING: CPU: 0", lines: ["[ 1.0] WARNING: CPU: 0", "[ 1.1] Call Trace:"] },
  ],
};

test("formatStress tells how to repeat it, what was counted, and what went wrong", () => {
  expect(
    formatStress({ ok: false, seed: 42, level: "base", results: [passed, failed] }),
  ).toBe(`Seed 42, level base

SCENARIO   RESULT  TIME        FIGURES
memory     passed  32 s        6 hogs ended, 812 answers checked
power-cut  failed  2 min 05 s  -

power-cut:
  After a power cut cut:0:1 is missing
  The kernel said:
    [ 1.0] WARNING: CPU: 0
    [ 1.1] Call Trace:

1 scenario passed, 1 failed`);
});
