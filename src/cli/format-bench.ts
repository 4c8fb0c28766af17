// SPDX-License-Identifier: Apache-2.0
/** What `ukl bench` prints: controls, a table of ratios, the conclusion. */

import { formatChange, formatPercent, formatSigned } from "../bench/conclude.js";
import { describeMachine } from "../bench/describe-machine.js";
import { evidenceWords } from "../bench/evidence.js";
import { latencyMeaning } from "../bench/latency.js";
import type { BenchReport, ReportCell, ReportRow } from "../bench/report.js";
import { formatDuration } from "../log/format-duration.js";
import { formatTable } from "./format-table.js";

export function formatBench(report: BenchReport): string {
  const { environment, controls, rows, configured, latency, unit } = report;
  const { qemu, kernelVersion } = environment;
  return [
    `${report.suite}: ${unit} (evidence: ${report.evidence})`,
    ...(rows.length === 0 ? [] : [formatRows(rows)]),
    ...(configured === undefined ? [] : [formatRows(configured.rows, configured.baseline)]),
    ...(latency === undefined
      ? []
      : [`latency: nanoseconds (evidence: ${report.evidence})`, formatRows(latency.rows), latencyMeaning]),
    ...(rows.length === 0 ? [] : [evidenceWords[report.evidence].legend]),
    ...(report.quantities.length === 0 ? [] : [formatQuantities(report.quantities)]),
    controls
      .map(({ name, passed, detail }) => `${passed ? "passed" : "FAILED"}  ${name}: ${detail}`)
      .join("\n"),
    report.ok ? report.conclusion.join("\n") : "A control failed: there are no figures",
    ...formatPackages(report),
    `Linux ${kernelVersion}, ${qemu}, ${describeMachine(environment)}, ${formatDuration(report.durationMs)}`,
  ].join("\n\n");
}

/** "debian: linux-image-6.12-amd64 6.12.117-1~deb12u1, redis-server 5:7.0.15-1~deb12u10" */
function formatPackages({ environment }: BenchReport): string[] {
  return environment.variants.flatMap(({ name, packages }) =>
    packages === undefined ? [] : [`${name}: ${packages.join(", ")}`],
  );
}

function formatRows(rows: readonly ReportRow[], baseline = "linux"): string {
  const variants = rows[0]?.cells.map(({ variant }) => variant) ?? [];
  return formatTable(
    ["OPERATION", baseline.toUpperCase(), ...variants.map((name) => name.toUpperCase())],
    rows.map((row) => [row.title, formatCount(row.baseline.median), ...row.cells.map(formatCell)]),
  );
}

function formatQuantities(quantities: BenchReport["quantities"]): string {
  const variants = quantities[0]?.values.map(({ variant }) => variant) ?? [];
  return formatTable(
    ["QUANTITY", ...variants.map((name) => name.toUpperCase())],
    quantities.map(({ title, unit, values }) => [
      `${title}, ${unit}`,
      ...values.map(({ value }, index) => {
        if (value === null) return "none";
        return index === 0
          ? formatCount(value)
          : `${formatCount(value)} ${formatChange(value, values[0]?.value)}`;
      }),
    ]),
  );
}

/** "158 +2.6 %", "192735 −1.2 % [−2.2, −0.8]", "154 =" */
function formatCell({ count, ratio, claim }: ReportCell): string {
  const words = claim === "same" ? "=" : formatPercent((ratio.median - 1) * 100);
  const [low, high] = [ratio.min, ratio.max].map((value) => formatSigned((value - 1) * 100, 1));
  return `${formatCount(count.median)} ${words}${low === high ? "" : ` [${low}, ${high}]`}`;
}

function formatCount(count: number): string {
  return count < 1000 ? String(Math.round(count * 10) / 10) : String(Math.round(count));
}
