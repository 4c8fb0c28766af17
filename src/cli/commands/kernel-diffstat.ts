// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel diffstat`: how much of Linux we change. */

import { countLines, type LineCount, loadSeries } from "../../kernel/series.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatTable } from "../format-table.js";
import { kernelFlags } from "../kernel-flags.js";

type Flags = { readonly json?: boolean; readonly series?: string };

export const command = defineCommand<Flags>({
  description:
    "ADDED counts all lines, CODE those that are neither blank nor a comment. Documentation, samples and tests are counted apart: they change no kernel.",
  flags: {
    json: jsonFlag,
    series: kernelFlags.series,
  },
  run: async ({ flags, print }) => {
    const series = await loadSeries(flags.series);
    const counts = await countLines(series);
    print(
      flags.json === true
        ? JSON.stringify({ series: series.version, counts }, null, 2)
        : formatCounts(counts),
    );
  },
});

/** The parts that are counted apart, by the kinds in them. */
const parts = {
  Kernel: ["patch", "kernel"],
  Documentation: ["documentation"],
  Samples: ["sample"],
  Tests: ["test"],
} as const satisfies Record<string, readonly LineCount["kind"][]>;

function formatCounts(counts: readonly LineCount[]): string {
  const rows = Object.entries(parts).flatMap(([name, kinds]: [string, readonly LineCount["kind"][]]) => {
    const part = counts.filter(({ kind }) => kinds.includes(kind));
    return [...part.map((count) => formatRow(count.name, count)), formatRow(name, sum(part))];
  });
  return formatTable(["FILE", "ADDED", "CODE", "REMOVED"], rows);
}

type Lines = Pick<LineCount, "added" | "code" | "removed">;

function formatRow(name: string, { added, code, removed }: Lines): string[] {
  return [name, `+${added}`, `+${code}`, removed === 0 ? "" : `-${removed}`];
}

function sum(counts: readonly Lines[]): Lines {
  return counts.reduce<Lines>(
    (total, { added, code, removed }) => ({
      added: total.added + added,
      code: total.code + code,
      removed: total.removed + removed,
    }),
    { added: 0, code: 0, removed: 0 },
  );
}
