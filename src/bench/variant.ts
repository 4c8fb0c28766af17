// SPDX-License-Identifier: Apache-2.0
/** What is compared with what: the levels, and the ordinary Linux in the forms that a fair comparison needs. */

import { type Level, levels } from "../config/level.js";

export interface Variant {
  /** Unique; that of a level is the level's. */
  readonly name: string;
  readonly level: Level;
  /** Whether the program is built by the system's compiler, or by our toolchain. */
  readonly program: "unmodified" | "relinked";
  /** After those of the level. */
  readonly kernelArguments: readonly string[];
  /** Of kernel/config, beyond those of every other variant. */
  readonly fragments?: readonly string[];
  /** Everybody can have it without Unikernel Linux: what a level gains is compared with it. */
  readonly free?: boolean;
  /** For a report's reader. */
  readonly meaning: string;
}

/** What everything is compared with. */
export const baseline: Variant = {
  name: "linux",
  level: "linux",
  program: "unmodified",
  kernelArguments: [],
  meaning: "stock kernel of the same configuration, the program as an ordinary process",
};

/** What everybody gets for nothing. */
export const unmitigated: Variant = {
  ...baseline,
  name: "mitigations=off",
  kernelArguments: ["mitigations=off"],
  meaning: "the same with the processor's mitigations switched off",
  free: true,
};

/** Splits off what the program's other form costs. */
export const relinked: Variant = {
  ...baseline,
  name: "linux, relinked",
  program: "relinked",
  meaning: "the same with the program that our toolchain built, which runs in either ring",
};

/** The variant of a level beyond `linux`. */
export function variantOf(level: Exclude<Level, "linux">): Variant {
  return {
    name: level,
    level,
    program: level === "compat" ? "unmodified" : "relinked",
    kernelArguments: [],
    meaning: levelMeanings[level] ?? "the program of our toolchain in ring 0",
  };
}

const levelMeanings: Readonly<Partial<Record<string, string>>> = {
  compat: "the unmodified program in ring 0; its system calls remain instructions",
  base: "the program of our toolchain in ring 0; its system calls are function calls",
  bypass: "as base; most system calls leave out the common work of entry and exit",
  shortcut: "as bypass; TCP and epoll_wait without the layers above them",
};

/** The levels that can be compared with `linux`. */
export const comparedLevels = levels.filter((level) => level !== "linux");
