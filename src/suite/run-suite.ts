// SPDX-License-Identifier: Apache-2.0
/**
 * Runs a suite that others wrote as an ordinary process and in ring 0, and tells the difference. The process is one of the
 * stock kernel in the same machine: the same program file, the same files around it, the same emulated processor.
 */

import type { Level } from "../config/level.js";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import {
  type ComparedTest,
  compareItem,
  type ItemResults,
  isDifference,
  type Verdict,
} from "./compare-results.js";
import { runItems } from "./run-items.js";
import type { ForeignSuite, LeftOut, SuiteItem } from "./suite.js";

/** The levels at which a program of our toolchain is in ring 0. */
export const ring0Levels = ["base", "bypass"] as const satisfies readonly Level[];

export type Ring0Level = (typeof ring0Levels)[number];

export interface SuiteRequest {
  readonly suite: ForeignSuite;
  /** Default "base". */
  readonly level?: Ring0Level | undefined;
  readonly series?: string | undefined;
  /** Only the items whose names match. */
  readonly filter?: RegExp | undefined;
  /** How many times an item is run again, on both sides, whose tests differ; default 2. */
  readonly retries?: number | undefined;
}

export interface SuiteReport {
  readonly suite: string;
  readonly version: string;
  readonly level: Ring0Level;
  /** Nothing failed only in ring 0, and the kernel did not complain there. */
  readonly ok: boolean;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Those that did not pass on both sides. */
  readonly tests: readonly ComparedTest[];
  readonly leftOut: readonly LeftOut[];
  /** What the kernel complained of when the suite ran in ring 0. */
  readonly problems: readonly string[];
  readonly durationMs: number;
}

/**
 * Builds, boots and compares.
 *
 * @throws UklError USAGE_INVALID when no item matches the filter; what builds and boots throw
 */
export async function runSuite(ctx: Context, request: SuiteRequest): Promise<SuiteReport> {
  const { suite, level = "base", filter, retries = 2 } = request;
  const isWanted = (name: string): boolean => filter?.test(name) ?? true;
  const startedAt = performance.now();
  const prepared = await ctx.log.step(`Preparing the tests of ${suite.name}`, (log) =>
    suite.prepare(withLog(ctx, log), isWanted),
  );
  const items = prepared.items.filter(({ name }) => isWanted(name));
  if (items.length === 0)
    throw new UklError("USAGE_INVALID", `Cannot run tests of ${suite.name}: none matches ${filter}`, {
      hint: `Their names are like ${prepared.items[0]?.name ?? "those of its files"}`,
    });
  const runs = new Map(
    items.map(({ name }) => [name, { process: [] as ItemResults[], ring0: [] as ItemResults[] }]),
  );
  const problems: string[] = [];
  let again: readonly SuiteItem[] = items;
  for (let round = 0; round <= retries && again.length > 0; round++) {
    for (const side of ["process", "ring0"] as const) {
      const at = side === "process" ? "linux" : level;
      const where = side === "process" ? "as a process" : `in ring 0, level ${level}`;
      const title = `Testing ${suite.name} ${where}${round === 0 ? "" : ", again"}`;
      const name = `suite-${process.pid}-${suite.name}`;
      const { series } = request;
      const outcome = await ctx.log.step(title, (log) =>
        runItems(withLog(ctx, log), { suite: prepared, items: again, level: at, series, name }),
      );
      for (const [item, results] of outcome.results) runs.get(item)?.[side].push(results);
      if (side === "ring0") problems.push(...outcome.problems);
    }
    again = items.filter((item) => compare(item, runs).some(isDifference));
  }
  const tests = items.flatMap((item) => compare(item, runs));
  return {
    ...{ suite: suite.name, version: prepared.version, level },
    ok: problems.length === 0 && !tests.some(({ verdict }) => verdict === "only-in-ring-0"),
    counts: countVerdicts(tests),
    tests: tests.filter(({ verdict }) => verdict !== "passed"),
    leftOut: prepared.leftOut,
    problems,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

type Runs = ReadonlyMap<
  string,
  { readonly process: readonly ItemResults[]; readonly ring0: readonly ItemResults[] }
>;

function compare({ name }: SuiteItem, runs: Runs): ComparedTest[] {
  const { process = [], ring0 = [] } = runs.get(name) ?? {};
  return compareItem(name, process, ring0);
}

function countVerdicts(tests: readonly ComparedTest[]): Readonly<Record<Verdict, number>> {
  const count = (verdict: Verdict): number => tests.filter((test) => test.verdict === verdict).length;
  return {
    passed: count("passed"),
    "failed-in-both": count("failed-in-both"),
    "only-in-ring-0": count("only-in-ring-0"),
    "only-as-a-process": count("only-as-a-process"),
    unstable: count("unstable"),
    skipped: count("skipped"),
  };
}
