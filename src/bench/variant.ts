// SPDX-License-Identifier: Apache-2.0
/** What is compared with what: the levels, and the ordinary Linux in the forms that a fair comparison needs. */

import { type Level, levels } from "../config/level.js";
import type { KernelConfig } from "../kernel/build-kernel.js";
import type { FragmentPart } from "../kernel/parse-fragment.js";

export interface Variant {
  /** Unique; that of a level is the level's. */
  readonly name: string;
  readonly level: Level;
  /** Whether the program is built by the system's compiler, or by our toolchain. */
  readonly program: "unmodified" | "relinked";
  /** After those of the level. */
  readonly kernelArguments: readonly string[];
  /** What its kernel's configuration has besides that of the baseline; never undefined, but empty. */
  readonly kernelConfig: KernelConfig;
  /** Everybody can have it without Unikernel Linux: what a level gains is compared with it. */
  readonly free?: boolean;
  /** The distribution's own kernel and, where the suite has one, its package of the program: in a configuration of its own. */
  readonly distribution?: boolean;
  /** Counted with the wanted further options of the kernel, too, as the baseline and the levels are. */
  readonly alsoConfigured?: boolean;
  /** For a report's reader. */
  readonly meaning: string;
}

/** What everything is compared with. */
export const baseline: Variant = {
  name: "linux",
  level: "linux",
  program: "unmodified",
  kernelArguments: [],
  kernelConfig: {},
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

/** What users have. The boot that is prepared has the packages' versions. */
export const distribution: Variant = {
  ...baseline,
  name: "debian",
  meaning:
    "what users have: Debian's own kernel, in its own configuration, and Debian's package of the program (the baseline's where there is none), an ordinary process",
  free: true,
  distribution: true,
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
    kernelConfig: {},
    meaning: levelMeanings[level] ?? "the program of our toolchain in ring 0",
  };
}

const levelMeanings: Readonly<Partial<Record<string, string>>> = {
  compat: "the unmodified program in ring 0; its system calls remain instructions",
  base: "the program of our toolchain in ring 0; its system calls are function calls",
  bypass: "as base; most system calls leave out the common work of entry and exit",
  shortcut: "as bypass; TCP and epoll_wait without the layers above them",
};

/** The same on a kernel with further fragments of configuration: what they give is none of the level's gain. */
export function configuredVariant(variant: Variant, kernelConfig: KernelConfig): Variant {
  const { fragments = [], profile } = kernelConfig;
  const words = [
    ...(fragments.length === 0 ? [] : [`the kernel's configuration ${fragments.join(", ")}`]),
    ...(profile === undefined ? [] : ["a kernel that was compiled by a profile of the program's own test"]),
  ];
  return {
    ...variant,
    name: [variant.name, ...kernelConfigNames(kernelConfig)].join(", "),
    kernelConfig,
    meaning: `${variant.name} with ${words.join(" and ")}`,
  };
}

/** What a configuration is called in the names of variants. */
export function kernelConfigNames({ fragments = [], part, profile }: KernelConfig): string[] {
  return [
    ...fragments,
    ...(part === undefined ? [] : [part.name]),
    ...(profile === undefined ? [] : ["profile-guided"]),
  ];
}

/** Stock Linux with one part of a fragment. */
export function partVariant(variant: Variant, part: FragmentPart): Variant {
  return {
    ...variant,
    name: part.name,
    kernelConfig: { part },
    meaning: `${variant.name} with this option of the kernel: ${[...part.options, ...part.compilerFlags].join("; ")}`,
  };
}

/** The levels that can be compared with `linux`. */
export const comparedLevels = levels.filter((level) => level !== "linux");
