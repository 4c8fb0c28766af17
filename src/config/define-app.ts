// SPDX-License-Identifier: Apache-2.0
/** The typed description of an application: what recipes and `ukl.config.ts` export. */

import type { SourceSpec } from "../source/source-spec.js";
import type { Level } from "./level.js";

/** An application as its author writes it. Everything that can be left out has a default. */
export interface AppConfig {
  /** Lower-case letters, digits and hyphens; what the command line calls it. */
  readonly name: string;
  /** One line for `ukl apps`. */
  readonly summary?: string;
  /** SPDX expression of the application's own licence. */
  readonly license?: string;
  /** Where its source comes from. A string is a directory, relative to the configuration; default ".". */
  readonly source?: string | SourceSpec;
  readonly build: BuildConfig;
  /** What "make" builds: the program's path, relative to the source. */
  readonly program?: string;
  /** Passed at every start; those of the command line follow them. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The directory it starts in, absolute in the guest. Default "/". */
  readonly cwd?: string;
  /** Files to put into the image: absolute path in the guest → file relative to the configuration. */
  readonly files?: Readonly<Record<string, string>>;
  /** The TCP ports it listens on. */
  readonly ports?: readonly number[];
  /** The machine's memory: "64M", "1G". Default "128M". */
  readonly memory?: string;
  /** The machine's CPUs. Default 1. */
  readonly cpus?: number;
  /** Default "base". */
  readonly level?: Level;
  /** Directories, absolute in the guest, whose content should outlive the machine. */
  readonly volumes?: readonly string[];
}

export type BuildConfig = CBuildConfig | MakeBuildConfig;

/** C and C++ files, compiled and linked in one go. */
export interface CBuildConfig {
  readonly system: "c";
  /** Relative to the source. */
  readonly files: readonly string[];
  /** After the standard flags, which are `-O2 -g`. */
  readonly flags?: readonly string[];
  /** "m" for libm.a. */
  readonly libraries?: readonly string[];
}

/** `make CC=… CXX=… AR=… RANLIB=…` with our toolchain. */
export interface MakeBuildConfig {
  readonly system: "make";
  /** Where the Makefile is, relative to the source. Default ".". */
  readonly directory?: string;
  readonly targets?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** Gives a configuration its type; checking it is `parseAppConfig`'s work. */
export function defineApp(config: AppConfig): AppConfig {
  return config;
}
