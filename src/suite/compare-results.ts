// SPDX-License-Identifier: Apache-2.0
/** Sorts tests by how they ended as a process and in ring 0, over all the runs that there were of them. */

import { type Outcome, type SuiteTest, wholeItem } from "./suite.js";

/** What an item's tests said in one run. */
export type ItemResults = readonly SuiteTest[];

/**
 * - `passed`, `failed-in-both`, `skipped`: no difference
 * - `only-in-ring-0`, `only-as-a-process`: there it failed each time, on the other side never
 * - `unstable`: on one side it both passed and failed
 * - `timed-out`: the item did not end in its time on either side, or the test did not get its turn on one: nothing to compare
 */
export const verdicts = [
  "passed",
  "failed-in-both",
  "only-in-ring-0",
  "only-as-a-process",
  "unstable",
  "timed-out",
  "skipped",
] as const;

export type Verdict = (typeof verdicts)[number];

export interface ComparedTest {
  readonly item: string;
  readonly name: string;
  readonly verdict: Verdict;
  /** How it ended, run by run. */
  readonly process: readonly Outcome[];
  readonly ring0: readonly Outcome[];
  /** What was said when it failed. */
  readonly detail?: string;
}

/**
 * Compares the runs of one item: the same number on both sides. A test that did not get its turn has failed, unless the
 * item's time was over.
 */
export function compareItem(
  item: string,
  process: readonly ItemResults[],
  ring0: readonly ItemResults[],
): ComparedTest[] {
  // Some files have tens of thousands of tests.
  const runs = { process: process.map(indexTests), ring0: ring0.map(indexTests) };
  const names = new Set([...process, ...ring0].flatMap((results) => results.map(({ name }) => name)));
  return [...names].map((name) => {
    const outcomes = {
      process: runs.process.map((run) => outcomeOf(run, name)),
      ring0: runs.ring0.map((run) => outcomeOf(run, name)),
    };
    const said = [...runs.ring0, ...runs.process].map(({ tests }) => tests.get(name));
    const detail = said.find((test) => test !== undefined && isBad(test.outcome))?.detail;
    const verdict = (name === wholeItem ? judgeItem : judgeTest)(outcomes.process, outcomes.ring0);
    return { ...{ item, name, verdict, ...outcomes }, ...(detail === undefined ? {} : { detail }) };
  });
}

/** Whether another run might tell more. */
export function isDifference({ verdict }: ComparedTest): boolean {
  return verdict === "only-in-ring-0" || verdict === "only-as-a-process" || verdict === "unstable";
}

interface Run {
  readonly tests: ReadonlyMap<string, SuiteTest>;
  readonly timedOut: boolean;
}

function indexTests(results: ItemResults): Run {
  return {
    tests: new Map(results.map((test) => [test.name, test])),
    timedOut: results.some(({ outcome }) => outcome === "timed-out"),
  };
}

function outcomeOf({ tests, timedOut }: Run, name: string): Outcome {
  const outcome = tests.get(name)?.outcome;
  if (outcome !== undefined) return outcome;
  if (name === wholeItem) return "passed";
  return timedOut ? "timed-out" : "failed";
}

function isBad(outcome: Outcome): boolean {
  return outcome === "failed" || outcome === "timed-out";
}

type Outcomes = readonly Outcome[];

/** Not to end in time is to fail, unless it is the same on both sides. */
function judgeItem(process: Outcomes, ring0: Outcomes): Verdict {
  if ([...process, ...ring0].every((outcome) => outcome === "timed-out")) return "timed-out";
  const asFailures = (outcomes: Outcomes): Outcome[] =>
    outcomes.map((outcome) => (isBad(outcome) ? "failed" : outcome));
  return judge(asFailures(process), asFailures(ring0));
}

/** Only those runs tell something in which it got its turn. */
function judgeTest(process: Outcomes, ring0: Outcomes): Verdict {
  const inTime = (outcomes: Outcomes): Outcome[] => outcomes.filter((outcome) => outcome !== "timed-out");
  const compared = [inTime(process), inTime(ring0)] as const;
  return compared.some(({ length }) => length === 0) ? "timed-out" : judge(...compared);
}

function judge(process: Outcomes, ring0: Outcomes): Verdict {
  const all = [...process, ...ring0];
  const fails = (outcomes: readonly Outcome[]): boolean => outcomes.every((outcome) => outcome === "failed");
  if (all.every((outcome) => outcome === "skipped")) return "skipped";
  if (all.every((outcome) => outcome !== "failed")) return "passed";
  if (fails(all)) return "failed-in-both";
  if (fails(ring0) && !process.includes("failed")) return "only-in-ring-0";
  if (fails(process) && !ring0.includes("failed")) return "only-as-a-process";
  return "unstable";
}
