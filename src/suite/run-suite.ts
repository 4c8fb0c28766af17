// SPDX-License-Identifier: Apache-2.0
/**
 * Runs a suite that others wrote as an ordinary process and in ring 0, and tells the difference. The process is one of the
 * stock kernel in the same machine: the same program file, the same files around it, the same emulated processor.
 */

import type { Level } from "../config/level.js";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import { mapParallel } from "../host/map-parallel.js";
import {
  type ComparedTest,
  compareItem,
  type ItemResults,
  isDifference,
  type Verdict,
  verdicts,
} from "./compare-results.js";
import { type BootRecord, openResultFile, type ResultFile } from "./result-file.js";
import { type ItemOutcome, runItems } from "./run-items.js";
import type { ForeignSuite, LeftOut, PreparedSuite, SuiteItem } from "./suite.js";
import { createItemKeys, type GuestParts, loadGuestParts } from "./suite-guest.js";

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
  /** How long an item may take at most; default what the suite gives it. */
  readonly timeoutMs?: number | undefined;
  /** How many machines run at a time; default 1. */
  readonly machines?: number | undefined;
  /** A file that keeps the results of every boot, and that has those that are not to be got again. */
  readonly resultFile?: string | undefined;
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
 * @throws UklError USAGE_INVALID when no item matches the filter; what builds, boots and `openResultFile` throw
 */
export async function runSuite(ctx: Context, request: SuiteRequest): Promise<SuiteReport> {
  const { suite, level = "base", series, retries = 2 } = request;
  const startedAt = performance.now();
  const file = await openResultFile(request.resultFile);
  const prepared = await ctx.log.step(`Preparing the tests of ${suite.name}`, (log) =>
    prepareItems(withLog(ctx, log), request),
  );
  const sides = {
    process: createSide(await loadGuestParts(ctx, { suite: prepared, level: "linux", series })),
    ring0: createSide(await loadGuestParts(ctx, { suite: prepared, level, series })),
  };
  const { items } = prepared;
  const compare = ({ name }: SuiteItem): ComparedTest[] =>
    compareItem(name, sides.process.runs.get(name) ?? [], sides.ring0.runs.get(name) ?? []);
  let again: readonly SuiteItem[] = items;
  for (let round = 0; round <= retries && again.length > 0; round++) {
    const title = `Testing ${suite.name} as a process and in ring 0, level ${level}${round === 0 ? "" : ", again"}`;
    await ctx.log.step(title, (log) =>
      runRound(withLog(ctx, log), { ...request, file, round, items: again, sides: Object.values(sides) }),
    );
    again = items.filter((item) => compare(item).some(isDifference));
  }
  const tests = items.flatMap(compare);
  const problems = [...sides.ring0.boots].flatMap((boot) => boot.problems);
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

async function prepareItems(
  ctx: Context,
  { suite, filter, timeoutMs = Number.POSITIVE_INFINITY }: SuiteRequest,
): Promise<PreparedSuite> {
  const isWanted = (name: string): boolean => filter?.test(name) ?? true;
  const prepared = await suite.prepare(ctx, isWanted);
  const items = prepared.items.filter(({ name }) => isWanted(name));
  if (items.length === 0)
    throw new UklError("USAGE_INVALID", `Cannot run tests of ${suite.name}: none matches ${filter}`, {
      hint: `Their names are like ${prepared.items[0]?.name ?? "those of its files"}`,
    });
  const limitS = Math.ceil(timeoutMs / 1_000);
  return {
    ...prepared,
    items: items.map((item) => ({ ...item, timeoutS: Math.min(item.timeoutS, limitS) })),
  };
}

/** All that is known of the suite at one level. */
interface Side {
  readonly parts: GuestParts;
  readonly keyOf: (item: SuiteItem) => string;
  /** By the item's name, round by round. */
  readonly runs: Map<string, ItemResults[]>;
  /** That the results are from. */
  readonly boots: Set<BootRecord>;
}

function createSide(parts: GuestParts): Side {
  return { parts, keyOf: createItemKeys(parts), runs: new Map(), boots: new Set() };
}

interface Round extends Pick<SuiteRequest, "suite" | "machines"> {
  readonly items: readonly SuiteItem[];
  readonly sides: readonly Side[];
  readonly round: number;
  readonly file: ResultFile;
}

/** Runs what the file does not have, and has all of it counted. */
async function runRound(ctx: Context, request: Round): Promise<void> {
  const { suite, items, sides, round, file, machines = 1 } = request;
  let done = 0;
  const count = (): void => ctx.log.progress(++done, items.length * sides.length);
  const boots = sides.flatMap((side) => {
    const missing = items.filter((item) => file.find(side.keyOf(item), round) === undefined);
    done += items.length - missing.length;
    return split(missing, side.parts.suite.itemsPerBoot).map((part, index) => ({ side, part, index }));
  });
  // Both sides of the same items one after the other: what was interrupted can be compared as far as it got.
  boots.sort((a, b) => a.index - b.index);
  await mapParallel(
    boots.map((boot, index) => ({ ...boot, name: `suite-${process.pid}-${suite.name}-${index}` })),
    async ({ side, part, name }) => {
      const { parts, keyOf } = side;
      const onResult = (item: SuiteItem, outcome: ItemOutcome): void => {
        count();
        ctx.log.detail(`${parts.level}: ${item.name}: ${describeOutcome(outcome)}`);
      };
      const { results, problems } = await runItems(ctx, { parts, items: part, name, onResult });
      const records = part.map((item) => {
        const { tests = [], durationMs = 0 } = results.get(item.name) ?? {};
        return {
          ...{ key: keyOf(item), name: item.name, level: parts.level, durationMs },
          tests: [...tests],
        };
      });
      await file.add({ round, items: records, problems: [...problems] });
    },
    machines,
  );
  for (const { keyOf, runs, boots } of sides)
    for (const item of items) {
      const found = file.find(keyOf(item), round);
      if (found === undefined) continue;
      runs.set(item.name, [...(runs.get(item.name) ?? []), found.item.tests]);
      boots.add(found.boot);
    }
}

function split<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_part, index) => items.slice(index * size, (index + 1) * size));
}

/** "12 passed, 1 failed (3 s)" */
function describeOutcome({ tests, durationMs }: ItemOutcome): string {
  const counts = new Map<string, number>();
  for (const { outcome } of tests) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const words = [...counts].map(([outcome, count]) => `${count} ${outcome}`);
  return `${words.join(", ")} (${Math.round(durationMs / 1_000)} s)`;
}

function countVerdicts(tests: readonly ComparedTest[]): Readonly<Record<Verdict, number>> {
  const counts = verdicts.map((verdict) => [
    verdict,
    tests.filter((test) => test.verdict === verdict).length,
  ]);
  return Object.fromEntries(counts) as Record<Verdict, number>;
}
