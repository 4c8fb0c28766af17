// SPDX-License-Identifier: Apache-2.0
/** What `ukl kernel test` prints: a row for each boot, then what went wrong. */

import { formatDuration } from "../log/format-duration.js";
import { describeRun } from "../selftest/plan-runs.js";
import type { SelftestReport, SelftestResult } from "../selftest/run-selftest.js";
import { formatTable } from "./format-table.js";
import { summariseExit } from "./report-machine.js";

/** How much of the kernel's report is shown; the rest is in its log. */
const excerptLines = 30;

export function formatSelftest({ results, findings }: SelftestReport): string {
  const failures = results.filter(({ ok }) => !ok);
  const passed = results.length - failures.length;
  return [
    formatTable(titles, results.map(formatRow)),
    ...failures.map(formatFailure),
    ...findings,
    `${passed} ${passed === 1 ? "boot" : "boots"} passed, ${failures.length} failed`,
  ].join("\n\n");
}

const titles = "SERIES CONFIG CPU CPUS LEVEL BOOT PASSED FAILED SKIPPED PROBLEMS TIME RESULT".split(" ");

function formatRow(result: SelftestResult): string[] {
  const { series, config, cpuModel, cpus, level, passed, failed, skipped, problems } = result;
  const counts = [passed, failed, skipped, problems.length];
  return [
    ...[series, config, cpuModel, String(cpus), level, formatBoot(result)],
    ...counts.map(String),
    formatDuration(result.durationMs),
    summariseResult(result),
  ];
}

/** "ok", "failed", or how the machine ended that should not have: "hung", "kernel panic". */
function summariseResult({ ok, exit }: SelftestResult): string {
  if (ok) return "ok";
  if (exit.kind === "timeout") return "hung";
  return exit.kind === "exit" ? "failed" : summariseExit(exit);
}

/** "kaslr 9a000000 812 NMIs": the upper half of a kernel's address says nothing. */
function formatBoot({ boot, kernelBase, nmis, machineChecks }: SelftestResult): string {
  const words = [
    ...(boot === "plain" ? [] : [boot]),
    ...(boot === "kaslr" && kernelBase !== undefined ? [kernelBase.slice(-8)] : []),
    ...(nmis === undefined ? [] : [`${nmis} NMIs`]),
    ...(machineChecks === undefined ? [] : [`${machineChecks} MCEs`]),
  ];
  return words.join(" ") || "-";
}

function formatFailure(result: SelftestResult): string {
  const failed = result.tests.filter(({ outcome }) => outcome === "failed");
  const lines = [
    ...result.findings,
    ...failed.flatMap(({ name, diagnostics }) => [`not ok ${name}`, ...indent(diagnostics)]),
    ...(result.stderr === "" ? [] : ["The tests said:", ...indent(result.stderr.trimEnd().split("\n"))]),
    ...result.problems.flatMap(({ lines }) => ["The kernel said:", ...indent(lines.slice(0, excerptLines))]),
    ...(result.kernelLog === undefined ? [] : [`The kernel's log: ${result.kernelLog}`]),
  ];
  return [`${describeRun(result)}:`, ...indent(lines)].join("\n");
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
