// SPDX-License-Identifier: Apache-2.0
/** How an application's author says how it is built. */

import type { RequirementId } from "../host/requirements.js";

export type BuildConfig =
  | CBuildConfig
  | MakeBuildConfig
  | ConfigureBuildConfig
  | CmakeBuildConfig
  | MesonBuildConfig
  | TypeScriptBuildConfig
  | PrebuiltConfig;

/** C and C++ files, compiled and linked in one go. */
export interface CBuildConfig {
  readonly system: "c";
  /** Relative to the source. */
  readonly files: readonly string[];
  /** After the standard flags, which are `-O2 -g`. */
  readonly flags?: readonly string[];
  /** "m" for libm.a. */
  readonly libraries?: readonly string[];
  /** See NeedsConfig. */
  readonly packages?: readonly string[];
}

/** `make CC=… CXX=…` with our toolchain, in a copy of the source. */
export interface MakeBuildConfig extends PlaceConfig, MakeConfig, InstallConfig, NeedsConfig {
  readonly system: "make";
}

/** `./configure` with our toolchain as CC and CXX, then `make`, in a copy of the source. */
export interface ConfigureBuildConfig
  extends PlaceConfig,
    OptionsConfig,
    MakeConfig,
    InstallConfig,
    NeedsConfig {
  readonly system: "configure";
  /** Make configure and the makefiles' templates anew first, as Debian does where it has changed what they are made from. */
  readonly autoreconf?: boolean;
}

/** `cmake` with our toolchain, in a directory beside the source; options as "-DWITH_TLS=OFF". */
export interface CmakeBuildConfig
  extends PlaceConfig,
    OptionsConfig,
    TargetsConfig,
    InstallConfig,
    NeedsConfig {
  readonly system: "cmake";
}

/** `meson setup` with our toolchain, in a directory beside the source; options as "-Dtls=disabled". */
export interface MesonBuildConfig
  extends PlaceConfig,
    OptionsConfig,
    TargetsConfig,
    InstallConfig,
    NeedsConfig {
  readonly system: "meson";
}

/** One TypeScript file and what it imports, bundled by esbuild and compiled by QuickJS; "program" is the file. */
export interface TypeScriptBuildConfig {
  readonly system: "typescript";
}

/** A program that is there already; without our toolchain it runs at the levels linux and compat only. */
export interface PrebuiltConfig {
  readonly system: "prebuilt";
}

interface PlaceConfig {
  /** Where the build's own description is, relative to the source. Default ".". */
  readonly directory?: string;
}

interface TargetsConfig {
  /** Default: what the build makes by itself. */
  readonly targets?: readonly string[];
}

interface MakeConfig extends TargetsConfig {
  readonly variables?: Readonly<Record<string, string>>;
}

interface InstallConfig {
  /**
   * What the image gets of the files that the build installs (`make install` with DESTDIR): absolute paths of files and
   * directories. Programs among them are in ring 0, as the program is.
   */
  readonly install?: readonly string[];
}

interface NeedsConfig {
  /** Debian packages whose headers and static archives it uses, such as "libssl-dev"; they are not installed. */
  readonly packages?: readonly string[];
  /** Programs that it runs besides make and the compiler, as `ukl doctor` calls them. */
  readonly tools?: readonly RequirementId[];
}

interface OptionsConfig {
  /** For the configuring step. */
  readonly options?: readonly string[];
}
