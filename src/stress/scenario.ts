// SPDX-License-Identifier: Apache-2.0
/** What a scenario is, and what it says about itself. */

import type { Context } from "../host/context.js";
import type { Random } from "../host/random.js";
import type { KernelProblem } from "../vm/kernel-log.js";
import type { StressSettings } from "./stress-settings.js";

export interface Scenario {
  readonly name: string;
  /** What it does to the machine. */
  readonly brief: string;
  run(ctx: Context, run: ScenarioRun): Promise<ScenarioOutcome>;
}

export interface ScenarioRun {
  readonly settings: StressSettings;
  /** Numbers of this scenario, for one purpose: who draws at another's pace has to have another one. */
  random(purpose: string): Random;
  /** For its machines: each appends something of its own. */
  readonly machineName: string;
}

export interface ScenarioOutcome {
  /** What was wrong, one sentence each. */
  readonly findings: readonly string[];
  /** What was wrong with the kernel. */
  readonly problems: readonly KernelProblem[];
  /** What was counted or measured, by what it is. */
  readonly figures: Figures;
}

export type Figures = Readonly<Record<string, number>>;
