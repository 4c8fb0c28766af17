// SPDX-License-Identifier: Apache-2.0
/** Runs items of a suite, one after the other in one guest; in a second one when the first was lost. */

import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "../host/context.js";
import { quoteForShell } from "../host/format-command.js";
import { describeExit } from "../vm/machine-exit.js";
import { type ItemRun, type SuiteItem, type SuiteTest, wholeItem } from "./suite.js";
import { type GuestParts, type SuiteGuest, startSuiteGuest } from "./suite-guest.js";

export interface ItemsRequest {
  readonly parts: GuestParts;
  readonly items: readonly SuiteItem[];
  /** Unique among the machines of the project. */
  readonly name: string;
  readonly onResult: (item: SuiteItem, result: ItemOutcome) => void;
}

export interface ItemsOutcome {
  /** By the item's name. */
  readonly results: ReadonlyMap<string, ItemOutcome>;
  /** What the kernel complained of, one line each. */
  readonly problems: readonly string[];
}

export interface ItemOutcome {
  readonly tests: readonly SuiteTest[];
  readonly durationMs: number;
}

/** @throws what `startSuiteGuest` throws */
export async function runItems(ctx: Context, request: ItemsRequest): Promise<ItemsOutcome> {
  const results = new Map<string, ItemOutcome>();
  const problems: string[] = [];
  let left = request.items;
  while (left.length > 0) {
    const guest = await startSuiteGuest(ctx, request.parts, left, request.name);
    try {
      for (const item of left) {
        const startedAt = performance.now();
        const run = await runItem(ctx, guest, item);
        ctx.signal.throwIfAborted();
        const durationMs = Math.round(performance.now() - startedAt);
        const outcome = { tests: judgeItem(item, run), durationMs };
        results.set(item.name, outcome);
        request.onResult(item, outcome);
        if (typeof run === "string") break;
      }
    } finally {
      await guest[Symbol.asyncDispose]();
    }
    // A processor that is not given time may be the host's fault.
    const found = (await guest.machine.problems).filter(({ kind }) => kind !== "stall");
    problems.push(...found.map(({ summary }) => summary));
    left = left.filter(({ name }) => !results.has(name));
  }
  return { results, problems };
}

/** How long after its time an item may take to be ended. */
const graceS = 30;

/**
 * Servers that a test has left are in other sessions than this shell: the fourth field after the name in
 * /proc/PID/stat, which is 0 for the kernel's own threads.
 */
const endOthers = `
read -r own < /proc/$$/stat; set -- \${own##*) }; own=$4
for stat in /proc/[0-9]*/stat; do
	read -r line 2> /dev/null < $stat || continue
	pid=\${line%% *}; set -- \${line##*) }
	[ $pid = 1 ] || [ "$4" = 0 ] || [ "$4" = "$own" ] || kill -9 $pid
done 2> /dev/null`;

/** A text says why there is no result: the guest is of no more use. */
async function runItem(ctx: Context, guest: SuiteGuest, item: SuiteItem): Promise<ItemRun | string> {
  const { machine, shell } = guest;
  const command = [
    `setsid timeout -s KILL ${item.timeoutS} sh -c ${quoteForShell(item.command)}`,
    "status=$?",
    endOthers,
    "exit $status",
  ].join("\n");
  const late = new AbortController();
  const timer = pause((item.timeoutS + graceS) * 1_000, "the guest hung", { signal: late.signal });
  timer.catch(() => {});
  const startedAt = performance.now();
  try {
    const answer = await Promise.race([shell.run(command), timer]);
    const timedOut = performance.now() - startedAt >= item.timeoutS * 1_000;
    if (typeof answer !== "string") return { ...answer, timedOut: timedOut && answer.status === killed };
    await machine.stop({ graceMs: 0 });
    return answer;
  } catch (error) {
    ctx.signal.throwIfAborted();
    return describeExit(await machine.exited) ?? (error as Error).message;
  } finally {
    late.abort();
  }
}

/** An item that fails without a test that failed was not able to run them all. */
function judgeItem(item: SuiteItem, run: ItemRun | string): readonly SuiteTest[] {
  if (typeof run === "string") return [{ name: wholeItem, outcome: "failed", detail: run }];
  const results = item.parse(run);
  if (run.timedOut)
    return [
      ...results,
      { name: wholeItem, outcome: "timed-out", detail: describeEnd(`it ran for ${item.timeoutS} s`, run) },
    ];
  const outcomes = new Set(results.map(({ outcome }) => outcome));
  const skipped = outcomes.size === 1 && outcomes.has("skipped");
  if (run.status === 0 || skipped || outcomes.has("failed")) return results;
  const detail = describeEnd(`it ended with status ${run.status}`, run);
  return [...results, { name: wholeItem, outcome: "failed", detail }];
}

function describeEnd(what: string, { output }: ItemRun): string {
  return [what, ...output.trimEnd().split("\n").slice(-shownLines)].join("\n");
}

const shownLines = 12;
/** 128 + SIGKILL. */
const killed = 137;
