// SPDX-License-Identifier: Apache-2.0
/** Reports as one HTML file. */

import { formatChange, formatPercent } from "./conclude.js";
import { describeMachine, machineLimits } from "./describe-machine.js";
import { escapeHtml } from "./escape-html.js";
import { evidenceWords } from "./evidence.js";
import { formatChart } from "./format-chart.js";
import { formatCurves } from "./format-curves.js";
import { formatPage } from "./format-page.js";
import { describeRate, type LatencyReport, latencyMeaning } from "./latency.js";
import type { BenchReport, ConfiguredRows, ReportCell, ReportRow } from "./report.js";

export function formatReport(report: BenchReport): string {
  return formatReports([report]);
}

/** One after the other, and with several a table of contents before them. */
export function formatReports(reports: readonly BenchReport[]): string {
  const names = reports.map(({ suite }) => escapeHtml(suite));
  const links = names.map((name) => `<a href="#${name}">${name}</a>`);
  return formatPage(
    names.join(", "),
    `${links.length > 1 ? `<nav>${links.join(" · ")}</nav>` : ""}
${reports.map(formatBody).join("\n")}`,
  );
}

function formatBody(report: BenchReport): string {
  const name = escapeHtml(report.suite);
  return `<h1 id="${name}">Unikernel Linux: ${name}</h1>
<p>${escapeHtml(report.unit)} <span class="badge">evidence: ${report.evidence}</span></p>
<p>${formatMachine(report.environment)}</p>
${report.ok ? formatFindings(report) : `<p class="failed"><strong>A control failed: there are no figures.</strong></p>`}
${report.quantities.length === 0 ? "" : formatQuantities(report)}
${formatControls(report)}
${formatEnvironment(report)}`;
}

function formatMachine(environment: BenchReport["environment"]): string {
  const { kernelVersion, qemu } = environment;
  return escapeHtml(`Linux ${kernelVersion} on ${qemu}, ${describeMachine(environment)}. ${machineLimits}`);
}

function formatFindings(report: BenchReport): string {
  const words = evidenceWords[report.evidence];
  return `<section>
<h2>What the figures say</h2>
<ul>${report.conclusion.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join("")}</ul>
</section>
<section>
<h2>${words.heading}</h2>
${formatChart(report.rows, words.subject)}
${formatRows(report, report.rows, "linux")}
${report.configured === undefined ? "" : formatConfigured(report, report.configured)}
${report.latency === undefined ? "" : formatLatency(report, report.latency)}
<p>${words.ratios(report.environment.seeds)}
${words.claims}; what cannot be claimed is grey. Evidence of every figure: ${report.evidence}.</p>
<dl>${report.variants.map(({ name, meaning }) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(meaning)}</dd>`).join("")}</dl>
</section>`;
}

function formatConfigured(report: BenchReport, { baseline, rows }: ConfiguredRows): string {
  return `<h2>The same, relative to ${escapeHtml(baseline)}</h2>
<p>Stock Linux with the same options: what is left here is no gain of the kernel's configuration.</p>
${formatRows(report, rows, baseline)}`;
}

function formatLatency(report: BenchReport, { rows, requests }: LatencyReport): string {
  return `<h2>Latency at a fixed rate of requests</h2>
<p>${latencyMeaning}</p>
${requests.map((request) => `<h3>${escapeHtml(request.title)}, ${describeRate(request.intervalNs)}</h3>\n${formatCurves(request)}`).join("\n")}
${formatRows({ ...report, unit: "nanoseconds" }, rows, "linux")}`;
}

function formatRows(
  { unit }: Pick<BenchReport, "unit">,
  rows: readonly ReportRow[],
  baseline: string,
): string {
  const names = rows[0]?.cells.map(({ variant }) => variant) ?? [];
  return `<div class="scroll"><table>
<thead><tr><th scope="col">Operation, ${escapeHtml(unit)}</th>${formatHeads([baseline, ...names])}</tr></thead>
<tbody>
${rows.map(formatRow).join("\n")}
</tbody></table></div>`;
}

function formatRow(row: ReportRow): string {
  return `<tr><th scope="row">${escapeHtml(row.title)}</th><td>${formatCount(row.baseline.median)}</td>${row.cells
    .map(formatCell)
    .join("")}</tr>`;
}

function formatCell({ count, ratio, claim }: ReportCell): string {
  const range = `[${ratio.min.toFixed(3)}, ${ratio.max.toFixed(3)}]`;
  return `<td class="${claim}">${formatCount(count.median)} <b>${formatPercent((ratio.median - 1) * 100)}</b> <small>${ratio.median.toFixed(3)} ${range}</small></td>`;
}

function formatQuantities({ quantities, evidence }: BenchReport): string {
  const names = quantities[0]?.values.map(({ variant }) => variant) ?? [];
  const rows = quantities.map(({ title, unit, values }) => {
    const cells = values.map(({ value }, index) => {
      if (value === null) return "<td>none</td>";
      return `<td>${formatCount(value)}${index === 0 ? "" : ` <small>${formatChange(value, values[0]?.value)}</small>`}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(title)}, ${escapeHtml(unit)}</th>${cells.join("")}</tr>`;
  });
  return `<section>
<h2>First answer, size and memory</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Quantity</th>${formatHeads(names)}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>
<p>Evidence of every figure: ${evidence}; each was found once, so nothing is claimed of differences.</p>
</section>`;
}

function formatHeads(names: readonly string[]): string {
  return names.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
}

function formatControls({ controls }: BenchReport): string {
  const items = controls.map(
    ({ name, passed, detail }) =>
      `<li class="${passed ? "passed" : "failed"}"><b>${passed ? "passed" : "FAILED"}</b> ${escapeHtml(name)}: ${escapeHtml(detail)}</li>`,
  );
  return `<section><h2>Controls</h2><ul>${items.join("")}</ul></section>`;
}

function formatEnvironment({ environment, evidence }: BenchReport): string {
  const words = evidenceWords[evidence];
  const { qemu, qemuHash, kernelVersion, kernelCompiler, programCompiler } = environment;
  const facts: readonly (readonly [string, string])[] = [
    ["Emulator", `${qemu}, SHA-256 ${qemuHash}`],
    ["Machine", describeMachine(environment, ` -smp 1${words.clock}`)],
    ["Kernel", `Linux ${kernelVersion}, ${kernelCompiler}`],
    [words.program, programCompiler],
    ...environment.variants.map(
      (variant) =>
        [
          variant.name,
          `kernel ${variant.kernelHash}, its configuration ${[variant.configHash, ...variant.kernelConfig].join(" with ")}, command line "${variant.kernelArguments.join(" ")}", ${variant.packages === undefined ? "" : `packages ${variant.packages.join(" and ")}, `}program ${variant.programHash}, initramfs ${variant.initramfsHash ?? "in the kernel's file"}`,
        ] as const,
    ),
  ];
  return `<section><h2>Measured on</h2>
<dl>${facts.map(([name, text]) => `<dt>${escapeHtml(name)}</dt><dd class="hash">${escapeHtml(text)}</dd>`).join("")}</dl></section>`;
}

function formatCount(count: number): string {
  return count < 1000 ? String(Math.round(count * 10) / 10) : Math.round(count).toLocaleString("en");
}
