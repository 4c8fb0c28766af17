// SPDX-License-Identifier: Apache-2.0
/** Runs the kernel's selftests as a matrix of machines: what `ukl kernel test` does before it prints. */

import { existsSync } from "node:fs";
import { type Context, withLog } from "../host/context.js";
import { defaultSeries } from "../kernel/series.js";
import type { KernelProblem } from "../vm/kernel-log.js";
import type { MachineExit } from "../vm/machine-exit.js";
import type { MachineRequest } from "../vm/start-machine.js";
import { bootSuite, type SuiteBoot } from "./boot-suite.js";
import { bootWalk, checkWalk } from "./boot-walk.js";
import { buildSuite } from "./build-suite.js";
import { checkAddresses, checkOutcome, cplOf } from "./check-outcome.js";
import type { TapTest } from "./parse-tap.js";
import {
  completeSelection,
  completeStubSelection,
  describeRun,
  isWalk,
  type PartialSelection,
  planRuns,
  planWalks,
  type SelftestRun,
} from "./plan-runs.js";
import { buildKernels, checkKernels, type SelftestKernels } from "./selftest-kernels.js";
import { kaslrTests, listSuiteTests, selectTests } from "./suite-tests.js";

export interface SelftestRequest {
  /** What is left out is everything, see `completeSelection`. */
  readonly selection?: PartialSelection;
  /** Names of tests, with `*` for any letters; all tests when there are none. */
  readonly filters?: readonly string[];
  /** Send non-maskable interrupts back to back. */
  readonly nmi?: boolean;
  /** NUMA nodes of the machines; default 1. */
  readonly nodes?: number | undefined;
  /** Raise machine checks back to back, and boot with errors that somebody has to act on. */
  readonly machineChecks?: boolean;
  /** Walk through the kernel's entry and exit stubs instead; the filters name stubs then. */
  readonly stubs?: boolean;
  /** A guest that says nothing for so long hangs; the suite itself ends a test after 60 s. Default 180 s. */
  readonly silenceMs?: number | undefined;
  /** Default "auto". */
  readonly accelerator?: MachineRequest["accelerator"] | undefined;
}

/** A row of the matrix, as JSON can hold it. */
export interface SelftestResult extends SelftestRun {
  /** Nothing failed, and nothing was wrong. */
  readonly ok: boolean;
  /** "6.12.117". */
  readonly kernelVersion: string;
  /** Where its text was, "ffffffff81000000"; undefined when the suite did not get as far as to say. */
  readonly kernelBase: string | undefined;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tests: readonly TapTest[];
  /** What the tests wrote to their standard error. */
  readonly stderr: string;
  /** What was wrong with the kernel. */
  readonly problems: readonly KernelProblem[];
  /** What else was wrong, one sentence each. */
  readonly findings: readonly string[];
  /** How many non-maskable interrupts every CPU was sent; undefined when none were to be. */
  readonly nmis: number | undefined;
  /** How many machine checks there were; undefined when none were to be. */
  readonly machineChecks: number | undefined;
  readonly exit: MachineExit;
  /** The kernel's log; undefined when it was not worth keeping. */
  readonly kernelLog: string | undefined;
  readonly durationMs: number;
}

export interface SelftestReport {
  /** Every row is, and so are they together. */
  readonly ok: boolean;
  readonly results: readonly SelftestResult[];
  /** What is wrong with the rows taken together. */
  readonly findings: readonly string[];
}

/**
 * Builds kernels and suite, and boots one machine after the other.
 *
 * @throws UklError USAGE_INVALID for a series, a fragment or a test that does not exist; what the builds throw
 */
export async function runSelftest(ctx: Context, request: SelftestRequest = {}): Promise<SelftestReport> {
  const { stubs = false, machineChecks = false, filters = [] } = request;
  const complete = stubs ? completeStubSelection : completeSelection;
  const selection = complete(request.selection ?? {}, defaultSeries);
  const all = await listSuiteTests();
  const selected = stubs ? filters : selectTests(all, filters);
  await checkKernels(selection);
  const kernels = await buildKernels(ctx, selection);
  const runs = stubs
    ? planWalks(selection, ["stubs"])
    : [
        ...planRuns(selection, kernels.hasFiveLevels),
        ...(machineChecks ? planWalks(selection, ["memory-errors", "fatal-error"]) : []),
      ];
  const results: SelftestResult[] = [];
  for (const [index, run] of runs.entries()) {
    const title = `Testing ${describeRun(run)} (${index + 1} of ${runs.length})`;
    // A boot at a random address has only to show that what depends on addresses works.
    const tests = run.boot === "kaslr" && selected.length === all.length ? kaslrTests : selected;
    const name = `selftest-${process.pid}-${index + 1}`;
    const once = { run, kernels, tests, all: tests.length === all.length, name };
    results.push(await ctx.log.step(title, (log) => runOnce(withLog(ctx, log), once, request)));
  }
  return judge(results);
}

interface Once {
  readonly run: SelftestRun;
  readonly kernels: SelftestKernels;
  readonly tests: readonly string[];
  /** Whether these are all tests. */
  readonly all: boolean;
  /** Of the machine. */
  readonly name: string;
}

const defaultSilenceMs = 180_000;

async function runOnce(ctx: Context, once: Once, request: SelftestRequest): Promise<SelftestResult> {
  const { run, tests } = once;
  const kernel = once.kernels.kernelOf(run);
  const walk = isWalk(run.boot) ? run.boot : undefined;
  const boot: SuiteBoot = {
    ...{ run, kernel, name: once.name },
    // All are not named: one that `listSuiteTests` does not see shows in what ran.
    tests: once.all ? [] : tests,
    program: await buildSuite(ctx, run.level, kernel, walk === undefined ? "ukl_test" : "ukl_walk"),
    nmi: request.nmi ?? false,
    nodes: request.nodes ?? 1,
    machineChecks: request.machineChecks === true || walk !== undefined,
    silenceMs: request.silenceMs ?? defaultSilenceMs,
    accelerator: request.accelerator ?? "auto",
    onResult: (done) => ctx.log.progress(done, walk === undefined ? tests.length : undefined),
  };
  const outcome = walk === undefined ? await bootSuite(ctx, boot) : await bootWalk(ctx, boot, walk);
  const { tap, stderr, problems, exit, nmis, machineChecks, kernelLog, durationMs } = outcome;
  const count = (wanted: TapTest["outcome"]): number =>
    tap.tests.filter((test) => test.outcome === wanted).length;
  const findings =
    walk === undefined ? checkOutcome(outcome, { run, tests }) : checkWalk(outcome, cplOf(run.level));
  const failed = count("failed");
  const ok = failed === 0 && problems.length === 0 && findings.length === 0;
  if (!ok)
    ctx.log.warn(
      `Failed: ${[...findings, ...problems.map(({ summary }) => summary)][0] ?? `${failed} tests`}`,
    );
  return {
    ...run,
    ...{ ok, kernelVersion: kernel.version, kernelBase: tap.kernelBase },
    ...{ passed: count("passed"), failed, skipped: count("skipped"), tests: tap.tests },
    ...{ stderr, problems, findings, nmis, machineChecks, exit },
    kernelLog: existsSync(kernelLog) ? kernelLog : undefined,
    durationMs,
  };
}

function judge(results: readonly SelftestResult[]): SelftestReport {
  const random = results.filter(({ boot }) => boot === "kaslr");
  const findings = checkAddresses(random.map(({ kernelBase }) => kernelBase));
  return { ok: findings.length === 0 && results.every(({ ok }) => ok), results, findings };
}
