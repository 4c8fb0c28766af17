// SPDX-License-Identifier: Apache-2.0
/** Says in plain language what the figures support, and nothing more. */

import { plural } from "../log/plural.js";
import { type Evidence, type EvidenceWords, evidenceWords } from "./evidence.js";
import type { ConfiguredRows, ReportCell, ReportRow } from "./report.js";
import type { Variant } from "./variant.js";

type Reference = Pick<Variant, "name" | "free" | "distribution">;

export interface ConclusionRequest {
  readonly rows: readonly ReportRow[];
  /** The variants that are ordinary Linux, too. */
  readonly references: readonly Reference[];
  readonly configured?: ConfiguredRows | undefined;
  /** Percentiles of latencies; default none. */
  readonly latencies?: readonly ReportRow[] | undefined;
  readonly evidence: Evidence;
  /** Seeds or rounds. */
  readonly runs: readonly number[];
}

/** The sentences of a conclusion. */
export function conclude({ rows, references, evidence, runs, ...further }: ConclusionRequest): string[] {
  const words = evidenceWords[evidence];
  const { configured, latencies = [] } = further;
  if (!words.supportsClaims) return [words.limits];
  const configuredLevels = namesIn(configured?.rows ?? []);
  const ordinary = [...references.map(({ name }) => name), ...configuredLevels];
  const levels = namesIn(rows).filter((name) => !ordinary.includes(name));
  const free = references.filter(
    (reference) => reference.free === true && namesIn(rows).includes(reference.name),
  );
  return [
    ...(evidence === "exact" && runs.length === 1 ? [oneLayout] : []),
    ...levels.map((level) => summarise(rows, level, { words })),
    ...levels.flatMap((level) => free.map((reference) => compareWithFree(rows, level, reference))),
    ...free
      .filter(({ distribution }) => distribution === true)
      .map(
        ({ name }) =>
          `${summarise(rows, name, { words })} Its kernel has another configuration, and the program may be built in another way: neither is a level's gain.`,
      ),
    ...(configured === undefined
      ? []
      : configuredLevels.map((level) =>
          summarise(configured.rows, level, { words, reference: configured.baseline }),
        )),
    ...(latencies.length === 0
      ? []
      : levels.map((level) =>
          summarise(latencies, level, { words, what: ["percentile of latency", "percentiles of latency"] }),
        )),
    words.limits,
  ];
}

const oneLayout =
  "One layout of the kernel supports no claim, as it does not tell how much layouts differ: count more (--seeds 5).";

function namesIn(rows: readonly ReportRow[]): string[] {
  return rows[0]?.cells.map(({ variant }) => variant) ?? [];
}

interface SummaryWords {
  readonly words: EvidenceWords;
  /** What one row is; and several, if that is another word than with an s. */
  readonly what?: readonly [noun: string, many?: string];
  readonly reference?: string;
}

/** "Of 27 operations, base executes fewer instructions than stock Linux in 3 (…), more … in 20 (…), no difference … in 4." */
function summarise(
  rows: readonly ReportRow[],
  variant: string,
  { words, what = ["operation"], reference = "stock Linux" }: SummaryWords,
): string {
  const parts = [
    `${words.fewer} than ${reference} in ${describeSide(rows, variant, "fewer")}`,
    `${words.more} than ${reference} in ${describeSide(rows, variant, "more")}`,
    `no difference that can be claimed in ${rows.filter((row) => cellOf(row, variant).claim === "same").length}`,
  ];
  return `Of ${plural(rows.length, ...what)}, ${variant} ${words.verb} ${parts.join(", ")}.`;
}

function describeSide(rows: readonly ReportRow[], variant: string, claim: "fewer" | "more"): string {
  const changes = rows
    .filter((row) => cellOf(row, variant).claim === claim)
    .map((row) => ({ title: row.title, percent: (cellOf(row, variant).ratio.median - 1) * 100 }))
    .sort((a, b) => Math.abs(a.percent) - Math.abs(b.percent));
  const [least, most] = [changes[0], changes.at(-1)];
  if (least === undefined || most === undefined) return "none";
  const span =
    changes.length === 1
      ? `${formatPercent(least.percent)}: ${least.title}`
      : `${formatPercent(least.percent)} to ${formatPercent(most.percent)}, the most: ${most.title}`;
  return `${changes.length} (${span})`;
}

/** A gain that everybody can have for nothing is none of ours, nor what the ranges cannot tell from it. */
function compareWithFree(
  rows: readonly ReportRow[],
  level: string,
  { name: free, distribution = false }: Reference,
): string {
  const gains = rows.filter((row) => cellOf(row, level).claim === "fewer");
  const subject = distribution ? `What users have (${free})` : `Stock Linux with ${free}`;
  if (gains.length === 0)
    return `There is no gain of ${level} to compare with ${subject.charAt(0).toLowerCase()}${subject.slice(1)}.`;
  const beaten = gains.filter((row) => cellOf(row, free).ratio.min <= cellOf(row, level).ratio.max);
  return beaten.length === 0
    ? `${subject} gains less than ${level} in each of them.`
    : `${subject} gains as much as ${level} or more in ${beaten.length} of the ${gains.length} where ${level} gains.`;
}

export function formatPercent(percent: number): string {
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  return `${formatSigned(percent, digits)} %`;
}

/** "+2.6", "−0.4", and "0.0" without a sign. */
export function formatSigned(value: number, digits: number): string {
  const size = Math.abs(value).toFixed(digits);
  if (Number(size) === 0) return size;
  return `${value < 0 ? "−" : "+"}${size}`;
}

/** "+2.6 %" */
export function formatChange(value: number, reference: number | null = value): string {
  return reference === null ? "" : formatPercent((value / reference - 1) * 100);
}

function cellOf(row: ReportRow, variant: string): ReportCell {
  const cell = row.cells.find((cell) => cell.variant === variant);
  if (cell === undefined) throw new Error(`the row ${row.operation} has no ${variant}`);
  return cell;
}
