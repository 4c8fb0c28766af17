// SPDX-License-Identifier: Apache-2.0
/** What `ukl suite` prints: a row for each suite, then every test that did not pass on both sides. */

import { formatDuration } from "../log/format-duration.js";
import type { ComparedTest, Verdict } from "../suite/compare-results.js";
import type { SuiteReport } from "../suite/run-suite.js";
import { wholeItem } from "../suite/suite.js";
import { formatTable } from "./format-table.js";

/** In the order of what matters. */
const titles = {
  "only-in-ring-0": "FAILED ONLY IN RING 0",
  "only-as-a-process": "FAILED ONLY AS A PROCESS",
  unstable: "UNSTABLE",
  "failed-in-both": "FAILED IN BOTH",
  "timed-out": "TIMED OUT",
} as const satisfies Partial<Record<Verdict, string>>;

/** How much of what a test said is shown. */
const detailLines = 6;
const detailColumns = 300;

export function formatSuites(reports: readonly SuiteReport[]): string {
  const header = ["SUITE", "VERSION", "LEVEL", "PASSED", ...Object.values(titles), "SKIPPED", "TIME"];
  return [formatTable(header, reports.map(formatRow)), ...reports.flatMap(formatDetails)].join("\n\n");
}

function formatRow({ suite, version, level, counts, durationMs }: SuiteReport): string[] {
  const differing = Object.keys(titles).map((verdict) => String(counts[verdict as Verdict]));
  const [passed, skipped] = [String(counts.passed), String(counts.skipped)];
  return [suite, version, level, passed, ...differing, skipped, formatDuration(durationMs)];
}

function formatDetails({ suite, tests, problems }: SuiteReport): string[] {
  const sections = Object.entries(titles).map(([verdict, title]) => {
    const some = tests.filter((test) => test.verdict === verdict);
    const lines = verdict === "timed-out" ? formatTimedOut(some) : some.flatMap(formatTest);
    return { title, lines };
  });
  return [...sections, { title: "SAID BY THE KERNEL", lines: problems.map((problem) => `  ${problem}`) }]
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => [`${suite}: ${title.toLowerCase()}`, ...lines].join("\n"));
}

/** Of a file with thousands of tests a line. */
function formatTimedOut(tests: readonly ComparedTest[]): string[] {
  const items = [...new Set(tests.map(({ item }) => item))];
  return items.map((item) => {
    const count = tests.filter((test) => test.item === item && test.name !== wholeItem).length;
    return `  ${item}${count === 0 ? "" : `: of what one side got to, ${count} tests have nothing to be compared with`}`;
  });
}

function formatTest({ item, name, process, ring0, detail = "" }: ComparedTest): string[] {
  const count = (outcomes: ComparedTest["ring0"]): string =>
    `${outcomes.filter((outcome) => outcome === "failed" || outcome === "timed-out").length} of ${outcomes.length}`;
  return [
    `  ${item}: ${name} (failed ${count(ring0)} in ring 0, ${count(process)} as a process)`,
    ...detail
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(0, detailLines)
      .map((line) => `    ${line.length > detailColumns ? `${line.slice(0, detailColumns)}…` : line}`),
  ];
}
