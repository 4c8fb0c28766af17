// SPDX-License-Identifier: Apache-2.0
/** What all scenarios of a run have in common. */

import type { Level } from "../config/level.js";
import type { AcceleratorChoice } from "../vm/find-accelerator.js";

export interface StressSettings {
  readonly seed: number;
  /** How Redis runs: `base`, our recipe's; `compat`, the distribution's own program; `linux`, for comparison. */
  readonly level: Level;
  /** The kernel series; default the newest. */
  readonly series: string | undefined;
  /** How long each scenario that has no other end goes on. */
  readonly durationMs: number;
  readonly cpus: number;
  readonly accelerator: AcceleratorChoice;
  readonly counts: StressCounts;
}

export interface StressCounts {
  /** How often memory runs out, in ring 3 and then in ring 0. */
  readonly hogs: number;
  /** How many times as many processes as in the selftests fork, and start and end: 40 and 25 of them there. */
  readonly scale: number;
  /** How often the power is cut. */
  readonly powerCuts: number;
}

export const defaultCounts: StressCounts = { hogs: 3, scale: 40, powerCuts: 20 };
