// SPDX-License-Identifier: Apache-2.0
/** `ukl bench all`: every suite in one run, and one report. */

import { formatReports } from "../../bench/format-report.js";
import type { BenchReport } from "../../bench/report.js";
import { runBench } from "../../bench/run-bench.js";
import { suites } from "../../bench/suites.js";
import { exitStatus } from "../../errors/ukl-error.js";
import { defineCommand } from "../define-command.js";
import { formatBench } from "../format-bench.js";
import { deliver, requireReportFile } from "../report-file.js";
import { type BenchFlags, benchFlags, benchMethod, toBenchOptions } from "../run-bench-command.js";

/** Not every suite has a program with a test, from which a profile could be taken. */
const { profileGuided: _profileGuided, ...flags } = benchFlags;

const distributed = suites.filter(({ distribution }) => distribution !== undefined).map(({ name }) => name);

export const command = defineCommand<Omit<BenchFlags, "profileGuided">>({
  description: `Compares the levels with stock Linux of the same configuration in every suite: ${suites.map(({ name }) => name).join(", ")}. A suite
leaves out the levels that its program cannot have. It takes most of an hour, and longer with --distribution, which is for
${distributed.join(", ")}. When it is interrupted, --report and --json have the suites that were finished.

${benchMethod}`,
  flags,
  run: async ({ ctx, flags, print }) => {
    await requireReportFile(flags.report);
    const reports: BenchReport[] = [];
    // What has been found is not lost when something fails later, or after Ctrl-C.
    try {
      for (const suite of suites) {
        const options = toBenchOptions(flags);
        const levels = options.levels?.filter((level) => level === "linux" || suite.levels.includes(level));
        const distribution = options.distribution === true && suite.distribution !== undefined;
        const report = await runBench(ctx, { ...options, suite, levels, distribution });
        reports.push(report);
        await deliver(
          flags.report,
          () => formatReports(reports),
          () => flags.json !== true && print(`${formatBench(report)}\n`),
        );
      }
    } finally {
      if (flags.json === true && reports.length > 0) print(JSON.stringify(reports, null, 2));
    }
    return reports.every(({ ok }) => ok) ? exitStatus.ok : exitStatus.failed;
  },
});
