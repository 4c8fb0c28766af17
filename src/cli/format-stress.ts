// SPDX-License-Identifier: Apache-2.0
/** What `ukl kernel stress` prints: the seed, a row for each scenario, then what went wrong. */

import { formatDuration } from "../log/format-duration.js";
import { plural } from "../log/plural.js";
import type { StressReport, StressResult } from "../stress/run-stress.js";
import { formatTable } from "./format-table.js";

/** How much of the kernel's report is shown. */
const excerptLines = 30;

export function formatStress({ seed, level, results }: StressReport): string {
  const failures = results.filter(({ ok }) => !ok);
  const passed = results.length - failures.length;
  return [
    `Seed ${seed}, level ${level}`,
    formatTable(["SCENARIO", "RESULT", "TIME", "FIGURES"], results.map(formatRow)),
    ...failures.map(formatFailure),
    `${plural(passed, "scenario")} passed, ${failures.length} failed`,
  ].join("\n\n");
}

function formatRow({ scenario, ok, figures, durationMs }: StressResult): string[] {
  const counted = Object.entries(figures).map(([what, count]) => `${count} ${what}`);
  return [scenario, ok ? "passed" : "failed", formatDuration(durationMs), counted.join(", ") || "-"];
}

function formatFailure({ scenario, findings, problems }: StressResult): string {
  const lines = [
    ...findings,
    ...problems.flatMap((problem) => ["The kernel said:", ...indent(problem.lines.slice(0, excerptLines))]),
  ];
  return [`${scenario}:`, ...indent(lines)].join("\n");
}

function indent(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split("\n")).map((line) => `  ${line}`);
}
