// SPDX-License-Identifier: Apache-2.0
/** The ways in which the suite runs: the levels of an application, and two that only a test of the kernel needs. */

import type { Level } from "../config/level.js";

/**
 * - `linked`: as `base`, but bound to the one kernel's addresses
 * - `off`: our kernel with `ukl=off`, where every program stays an ordinary process
 */
export type SuiteLevel = Level | "linked" | "off";

export interface SuiteLevelTraits {
  /** What the program finds in UKL_LEVEL. */
  readonly level: Level;
  /** Whether it runs on our kernel. */
  readonly ukl: boolean;
  readonly program: "relinked" | "unmodified" | "bound";
  readonly kernelArguments: readonly string[];
}

export const suiteLevelTraits: Readonly<Record<SuiteLevel, SuiteLevelTraits>> = {
  base: { level: "base", ukl: true, program: "relinked", kernelArguments: [] },
  compat: { level: "compat", ukl: true, program: "unmodified", kernelArguments: [] },
  bypass: { level: "bypass", ukl: true, program: "relinked", kernelArguments: [] },
  shortcut: { level: "shortcut", ukl: true, program: "relinked", kernelArguments: [] },
  linked: { level: "base", ukl: true, program: "bound", kernelArguments: [] },
  linux: { level: "linux", ukl: false, program: "relinked", kernelArguments: [] },
  off: { level: "linux", ukl: true, program: "relinked", kernelArguments: ["ukl=off"] },
};

export const suiteLevels = Object.keys(suiteLevelTraits) as SuiteLevel[];
