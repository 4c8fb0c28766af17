// SPDX-License-Identifier: Apache-2.0
/** Reads the Test Anything Protocol as Perl's Test::More writes it: a test is its number, for names repeat themselves. */

import { reportTests, type SaidTest } from "./report-tests.js";
import type { ItemRun, SuiteTest } from "./suite.js";

/** The results; one that stands for all when the whole file was skipped. What follows a failed test is its detail. */
export function parseNumberedTap({ output }: ItemRun): SuiteTest[] {
  const results: SaidTest[] = [];
  for (const line of output.split("\n")) {
    const result = resultPattern.exec(line);
    const skipped = skippedPattern.exec(line)?.[1];
    if (result !== null) {
      const [, not, number = "", text = ""] = result;
      const directive = /# (skip|todo)\b/i.exec(text);
      const outcome = directive !== null ? "skipped" : not === undefined ? "passed" : "failed";
      results.push({ name: number, outcome, said: [text.replace(/^[ -]+/, "")] });
    } else if (skipped !== undefined) results.push({ name: "all", outcome: "skipped", said: [skipped] });
    else if (line.startsWith("#")) results.at(-1)?.said.push(line);
  }
  return reportTests(results);
}

const resultPattern = /^(not )?ok (\d+)(.*)$/;
/** "1..0 # SKIP reason" */
const skippedPattern = /^1\.\.0 # skip\s*(.*)$/i;
