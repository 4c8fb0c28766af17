// SPDX-License-Identifier: Apache-2.0
/** Sorts tests by how they ended as a process and in ring 0, over all the runs that there were of them. */

import type { Outcome, SuiteTest } from "./suite.js";

/** What an item's tests said in one run. */
export type ItemResults = readonly SuiteTest[];

/**
 * - `passed`, `failed-in-both`, `skipped`: no difference
 * - `only-in-ring-0`, `only-as-a-process`: there it failed each time, on the other side never
 * - `unstable`: on one side it both passed and failed
 */
export type Verdict =
  | "passed"
  | "failed-in-both"
  | "only-in-ring-0"
  | "only-as-a-process"
  | "unstable"
  | "skipped";

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

/** Compares the runs of one item: the same number on both sides. A test that did not get its turn has failed. */
export function compareItem(
  item: string,
  process: readonly ItemResults[],
  ring0: readonly ItemResults[],
): ComparedTest[] {
  const names = new Set([...process, ...ring0].flat().map(({ name }) => name));
  return [...names].map((name) => {
    const outcomes = {
      process: process.map((results) => outcomeOf(results, name)),
      ring0: ring0.map((results) => outcomeOf(results, name)),
    };
    const detail = [...ring0, ...process]
      .flat()
      .find((result) => result.name === name && result.outcome === "failed")?.detail;
    return {
      ...{ item, name, verdict: judge(outcomes.process, outcomes.ring0), ...outcomes },
      ...(detail === undefined ? {} : { detail }),
    };
  });
}

/** Whether another run might tell more. */
export function isDifference({ verdict }: ComparedTest): boolean {
  return verdict === "only-in-ring-0" || verdict === "only-as-a-process" || verdict === "unstable";
}

/** The result that stands for an item itself is only there when it failed. */
export const wholeItem = "runs to its end";

function outcomeOf(results: ItemResults, name: string): Outcome {
  const absent = name === wholeItem ? "passed" : "failed";
  return results.find((result) => result.name === name)?.outcome ?? absent;
}

function judge(process: readonly Outcome[], ring0: readonly Outcome[]): Verdict {
  const all = [...process, ...ring0];
  const fails = (outcomes: readonly Outcome[]): boolean => outcomes.every((outcome) => outcome === "failed");
  if (all.every((outcome) => outcome === "skipped")) return "skipped";
  if (all.every((outcome) => outcome !== "failed")) return "passed";
  if (fails(all)) return "failed-in-both";
  if (fails(ring0) && !process.includes("failed")) return "only-in-ring-0";
  if (fails(process) && !ring0.includes("failed")) return "only-as-a-process";
  return "unstable";
}
