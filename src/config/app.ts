// SPDX-License-Identifier: Apache-2.0
/** An application, complete: what a configuration, a source file or a program was resolved to. */

import type { SourceSpec } from "../source/source-spec.js";
import type { Level } from "./level.js";

export interface App {
  readonly name: string;
  /** Empty when there is none. */
  readonly summary: string;
  /** SPDX expression; undefined when not known. */
  readonly license: string | undefined;
  readonly build: AppBuild;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute, in the guest. */
  readonly cwd: string;
  readonly files: readonly AppFile[];
  /** TCP. */
  readonly ports: readonly number[];
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly level: Level;
  /** Absolute, in the guest. */
  readonly volumes: readonly string[];
}

export interface AppFile {
  /** Absolute, in the guest. */
  readonly path: string;
  /** Absolute, here. */
  readonly file: string;
}

/** How its program comes to be. */
export type AppBuild = CBuild | MakeBuild | Prebuilt;

export interface CBuild {
  readonly system: "c";
  /** What the files are relative to, absolute. */
  readonly directory: string;
  readonly files: readonly string[];
  readonly flags: readonly string[];
  readonly libraries: readonly string[];
}

export interface MakeBuild {
  readonly system: "make";
  readonly source: SourceSpec;
  /** Where the Makefile is, relative to the source. */
  readonly directory: string;
  readonly targets: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** The program, relative to the source. */
  readonly program: string;
}

export interface Prebuilt {
  readonly system: "prebuilt";
  /** The program, absolute. */
  readonly file: string;
}
