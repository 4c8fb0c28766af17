// SPDX-License-Identifier: Apache-2.0
/**
 * Reads what the suite prints: TAP version 13, with what a test says in the lines before its result. Indented lines are
 * those of a subtest, an instance of the program that a test started.
 */

export interface TapTest {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** What the test printed, or was said about it. */
  readonly diagnostics: readonly string[];
}

export interface TapOutput {
  /** The privilege level that the suite's own process found in its CS. */
  readonly cpl: number | undefined;
  /** Where the kernel's text is, "ffffffff81000000"; undefined when the suite could not tell. */
  readonly kernelBase: string | undefined;
  readonly tests: readonly TapTest[];
  /** How many results there should be; undefined when the output ended before the plan, which comes last. */
  readonly planned: number | undefined;
  /** What came after the last result. */
  readonly rest: readonly string[];
}

/** Parses complete or truncated output. */
export function parseTap(text: string): TapOutput {
  const tests: TapTest[] = [];
  let [cpl, planned]: (number | undefined)[] = [];
  let kernelBase: string | undefined;
  let lines: string[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const result = resultPattern.exec(line);
    const [, fact, value = ""] = factPattern.exec(line) ?? [];
    const plan = planPattern.exec(line)?.[1];
    if (result !== null) {
      const [, not, name = "", skip] = result;
      const outcome = not !== undefined ? "failed" : skip !== undefined ? "skipped" : "passed";
      tests.push({ name, outcome, diagnostics: lines });
      lines = [];
    } else if (plan !== undefined) planned = Number(plan);
    else if (fact === "CPL") cpl = Number(value);
    else if (fact === "kernel") kernelBase = value;
    else if (!noise.test(line)) lines.push(line);
  }
  return { cpl, kernelBase, tests, planned, rest: lines };
}

/** Whether a line is the result of a test. */
export function isTapResult(line: string): boolean {
  return resultPattern.test(line);
}

const resultPattern = /^(not )?ok \d+ (\S+)(?: # (SKIP)\b.*)?$/;
const planPattern = /^1\.\.(\d+)$/;
const factPattern = /^# (CPL|kernel) ([0-9a-f]+)$/;
/** The version, and the sums, which are counted here. */
const noise = /^TAP version |^# \d+ passed, \d+ failed, \d+ skipped$/;
