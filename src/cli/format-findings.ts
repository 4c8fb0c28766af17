// SPDX-License-Identifier: Apache-2.0
/** The report of `ukl check` for people: the verdict first, then what was found, the worst first. */

import { type CheckReport, type Finding, type Severity, type Site, severities } from "../check/finding.js";
import { formatTable } from "./format-table.js";

/** More are in `--json`. */
const maxSites = 5;

const titles = {
  blocker: "Blockers: it cannot run, or breaks when it gets there",
  slower: "Slower: it works, at a cost",
  note: "Notes: it works, and behaves otherwise",
} as const satisfies Record<Severity, string>;

/** Formats a report; without findings it is one line. */
export function formatReport(report: CheckReport): string {
  const groups = severities
    .map((severity) => ({
      severity,
      findings: report.findings.filter((finding) => finding.severity === severity),
    }))
    .filter(({ findings }) => findings.length > 0)
    .map(({ severity, findings }) => `${titles[severity]}\n${findings.map(formatFinding).join("\n")}`);
  return [`${report.path}: ${report.verdict}`, ...groups].join("\n\n");
}

function formatFinding({ rule, message, advice, sites }: Finding): string {
  const more =
    sites.length > maxSites ? [`      and ${sites.length - maxSites} more (all of them: --json)`] : [];
  return [
    `  ${message} [${rule}]`,
    ...formatSites(sites.slice(0, maxSites)),
    ...more,
    `    → ${advice}`,
  ].join("\n");
}

function formatSites(sites: readonly Site[]): string[] {
  if (sites.length === 0) return [];
  const [first = [], ...rest] = sites.map(({ object, place, line, instruction }) => [
    object === undefined ? place : `${object}: ${place}`,
    instruction,
    line ?? "",
  ]);
  return formatTable(first, rest)
    .split("\n")
    .map((line) => `      ${line}`);
}
