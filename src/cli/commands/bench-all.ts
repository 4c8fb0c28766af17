// SPDX-License-Identifier: Apache-2.0
/** `ukl bench all`: every suite in one run, and one report. */

import { formatReports } from "../../bench/format-report.js";
import type { BenchReport } from "../../bench/report.js";
import { runBench } from "../../bench/run-bench.js";
import { suites } from "../../bench/suites.js";
import { exitStatus } from "../../errors/ukl-error.js";
import { defineCommand } from "../define-command.js";
import { formatBench } from "../format-bench.js";
import { type BenchFlags, benchFlags, benchMethod, writeReport } from "../run-bench-command.js";

export const command = defineCommand<BenchFlags>({
  description: `Compares the levels with stock Linux of the same configuration in every suite: ${suites.map(({ name }) => name).join(", ")}. A suite
leaves out the levels that its program cannot have. It takes most of an hour.

${benchMethod}`,
  flags: benchFlags,
  run: async ({ ctx, flags, print }) => {
    const reports: BenchReport[] = [];
    for (const suite of suites) {
      const levels = flags.level?.filter((level) => level === "linux" || suite.levels.includes(level));
      const report = await runBench(ctx, { suite, levels, cpuModel: flags.cpu });
      // What has been found is not lost when something fails later.
      if (flags.json !== true) print(`${formatBench(report)}\n`);
      reports.push(report);
    }
    if (flags.report !== undefined) await writeReport(flags.report, formatReports(reports));
    if (flags.json === true) print(JSON.stringify(reports, null, 2));
    return reports.every(({ ok }) => ok) ? exitStatus.ok : exitStatus.failed;
  },
});
