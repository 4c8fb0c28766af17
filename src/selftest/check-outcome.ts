// SPDX-License-Identifier: Apache-2.0
/** What is wrong with a run of the suite. */

import { describeExit } from "../vm/machine-exit.js";
import type { SuiteOutcome } from "./boot-suite.js";
import type { SelftestRun } from "./plan-runs.js";
import { type SuiteLevel, suiteLevelTraits } from "./suite-level.js";

export interface ExpectedRun {
  readonly run: SelftestRun;
  /** The tests that had to run. */
  readonly tests: readonly string[];
}

/**
 * Everything that is wrong, one sentence each, but for what has its own place in the result: tests that failed, and
 * what the kernel said.
 */
export function checkOutcome(outcome: SuiteOutcome, { run, tests }: ExpectedRun): string[] {
  const { tap, nmis, machineChecks } = outcome;
  const cpl = cplOf(run.level);
  return [
    ...checkEnd(outcome),
    ...(tap.cpl !== undefined && tap.cpl !== cpl
      ? [`The suite ran at CPL ${tap.cpl} instead of ${cpl}`]
      : []),
    ...checkResults(outcome, tests),
    ...(run.boot === "kaslr" && tap.kernelBase === undefined ? ["The kernel's address is not known"] : []),
    ...(nmis === 0 ? ["No non-maskable interrupt was sent"] : []),
    ...(machineChecks === 0 ? ["No machine check was raised"] : []),
  ];
}

/** The privilege level that programs of a level run at. */
export function cplOf(level: SuiteLevel): number {
  return suiteLevelTraits[level].level === "linux" ? 3 : 0;
}

/** Whether random addresses are: of several boots not all have the same. */
export function checkAddresses(bases: readonly (string | undefined)[]): string[] {
  const known = bases.filter((base) => base !== undefined);
  if (known.length < 2 || new Set(known).size > 1) return [];
  return [`The kernel's address was not random: ${known.length} boots had it at ${known[0]}`];
}

function checkEnd({ exit, tap }: SuiteOutcome): string[] {
  const last = tap.tests.at(-1)?.name;
  const place = last === undefined ? "before the first result" : `after the result of ${last}`;
  if (exit.kind === "timeout")
    return [`The guest hung: it said nothing for ${exit.timeoutMs / 1_000} s ${place}`];
  const sentence = describeExit(exit);
  if (sentence !== undefined) return [`${sentence} (${place})`];
  // A suite with a failed test ends with 1.
  const status = exit.kind === "exit" ? exit.status : undefined;
  const failed = tap.tests.some(({ outcome }) => outcome === "failed");
  return status === (failed ? 1 : 0) ? [] : [`The suite ended with status ${status}`];
}

function checkResults(outcome: SuiteOutcome, expected: readonly string[]): string[] {
  const reported = outcome.tap.tests.map(({ name }) => name);
  const surplus = reported.filter(
    (name, index) => !expected.includes(name) || reported.indexOf(name) !== index,
  );
  return [
    ...checkMissing(outcome, expected),
    ...(surplus.length > 0 ? [`Results of tests that were not to run: ${surplus.join(", ")}`] : []),
    ...checkPlan(outcome),
  ];
}

function checkMissing({ tap, exit }: SuiteOutcome, expected: readonly string[]): string[] {
  const missing = expected.filter((name) => !tap.tests.some((test) => test.name === name));
  if (missing.length === 0) return [];
  // After a machine that did not end by itself it is plain which ones they are.
  const names = exit.kind === "exit" ? `: ${missing.join(", ")}` : "";
  return [`${missing.length} of ${expected.length} tests have no result${names}`];
}

function checkPlan({ tap: { planned, tests }, exit }: SuiteOutcome): string[] {
  // A machine that did not end by itself has been spoken of.
  if (planned === undefined) return exit.kind === "exit" ? ["The suite ended before its plan"] : [];
  if (planned === tests.length) return [];
  return [`The plan speaks of ${planned} tests, and ${tests.length} have a result`];
}
