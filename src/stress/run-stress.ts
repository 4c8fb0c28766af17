// SPDX-License-Identifier: Apache-2.0
/** Runs scenarios one after the other: what `ukl kernel stress` does before it prints. */

import type { Level } from "../config/level.js";
import { type Context, withLog } from "../host/context.js";
import { createRandom, maximumSeed } from "../host/random.js";
import type { AcceleratorChoice } from "../vm/find-accelerator.js";
import type { KernelProblem } from "../vm/kernel-log.js";
import type { Figures, Scenario } from "./scenario.js";
import { selectScenarios } from "./scenarios.js";
import { defaultCounts, type StressCounts, type StressSettings } from "./stress-settings.js";

export interface StressRequest {
  /** Default: another one every time. */
  readonly seed?: number | undefined;
  /** Names of scenarios; all when there are none. */
  readonly scenarios?: readonly string[];
  /** How Redis runs; default "base". */
  readonly level?: Level | undefined;
  /** The kernel series; default the newest. */
  readonly series?: string | undefined;
  /** How long a neighbour goes on; default two minutes. */
  readonly durationMs?: number | undefined;
  /** Default 2. */
  readonly cpus?: number | undefined;
  /** Default "auto". */
  readonly accelerator?: AcceleratorChoice | undefined;
  /** What is left out is as large as it is meant to be. */
  readonly counts?: Partial<StressCounts>;
}

/** As JSON can hold it. */
export interface StressResult {
  readonly scenario: string;
  /** Nothing was wrong. */
  readonly ok: boolean;
  readonly figures: Figures;
  /** What was wrong, one sentence each. */
  readonly findings: readonly string[];
  /** What was wrong with the kernel. */
  readonly problems: readonly KernelProblem[];
  readonly durationMs: number;
}

export interface StressReport {
  readonly ok: boolean;
  /** Repeats the run. */
  readonly seed: number;
  readonly level: Level;
  readonly results: readonly StressResult[];
}

const defaultDurationMs = 120_000;

/**
 * Runs the scenarios. Each has machines of its own and random numbers of its own, so that it does the same alone.
 *
 * @throws UklError USAGE_INVALID for a scenario or a series that does not exist; what the builds throw
 */
export async function runStress(ctx: Context, request: StressRequest = {}): Promise<StressReport> {
  const selected = selectScenarios(request.scenarios ?? []);
  const settings: StressSettings = {
    seed: request.seed ?? Math.floor(Math.random() * maximumSeed),
    level: request.level ?? "base",
    series: request.series,
    durationMs: request.durationMs ?? defaultDurationMs,
    cpus: request.cpus ?? 2,
    accelerator: request.accelerator ?? "auto",
    counts: { ...defaultCounts, ...request.counts },
  };
  ctx.log.info(`Seed ${settings.seed}`);
  const results: StressResult[] = [];
  for (const [index, scenario] of selected.entries()) {
    const title = `Running ${scenario.name} (${index + 1} of ${selected.length})`;
    results.push(await ctx.log.step(title, (log) => runScenario(withLog(ctx, log), scenario, settings)));
  }
  const { seed, level } = settings;
  return { ok: results.every(({ ok }) => ok), seed, level, results };
}

async function runScenario(
  ctx: Context,
  scenario: Scenario,
  settings: StressSettings,
): Promise<StressResult> {
  const startedAt = performance.now();
  const { findings, problems, figures } = await scenario.run(ctx, {
    settings,
    random: (purpose) => createRandom(settings.seed, `${scenario.name} ${purpose}`),
    machineName: `stress-${process.pid}-${scenario.name}`,
  });
  const ok = findings.length === 0 && problems.length === 0;
  if (!ok) ctx.log.warn(`Failed: ${findings[0] ?? problems[0]?.summary}`);
  const durationMs = performance.now() - startedAt;
  return { scenario: scenario.name, ok, figures, findings, problems, durationMs };
}
