// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel export`: the series in the form in which kernel patches are submitted. */

import { exitStatus } from "../../errors/ukl-error.js";
import type { StyleFinding } from "../../kernel/checkpatch.js";
import { exportSeries } from "../../kernel/export-series.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { resolveSeriesArguments, type SeriesArguments, seriesArguments } from "../series-arguments.js";

export const command = defineCommand<{ readonly json?: boolean }, SeriesArguments>({
  description:
    "Writes a cover letter and numbered patches, and checks them by the kernel's scripts/checkpatch.pl --strict. The exit status is 1 when that has errors or warnings that are not known to be harmless. The patches are not signed off: whoever submits them does that.",
  flags: { json: jsonFlag },
  positional: seriesArguments("The new directory for the patches"),
  run: async ({ ctx, flags, args, print }) => {
    const result = await exportSeries(ctx, await resolveSeriesArguments(ctx, args));
    if (flags.json === true) print(JSON.stringify(result, null, 2));
    else {
      for (const patch of result.patches) print(patch);
      for (const line of formatFindings(result.findings)) ctx.log.info(line);
    }
    return result.findings.some(isBlocking) ? exitStatus.failed : exitStatus.ok;
  },
});

function isBlocking({ level, allowed }: StyleFinding): boolean {
  return level !== "CHECK" && allowed === undefined;
}

function* formatFindings(findings: readonly StyleFinding[]): Generator<string> {
  for (const { patch, line, level, type, text, file } of findings.filter(
    ({ allowed }) => allowed === undefined,
  ))
    yield `${patch}: ${file ?? "message"}:${line}: ${level}:${type}: ${text}`;
  const blocking = findings.filter(isBlocking).length;
  const known = findings.filter(({ allowed }) => allowed !== undefined).length;
  yield `checkpatch: ${blocking} errors and warnings to look at, ${known} findings known to be harmless`;
}
