// SPDX-License-Identifier: Apache-2.0
/** Where everything of the toolchain is: the one description that its commands and files are made from. */

import path from "node:path";

export const targetTriple = "x86_64-ukl-linux-gnu";

/** All absolute. */
export interface ToolchainPlaces {
  readonly path: string;
  /** The directory of the commands `x86_64-ukl-linux-gnu-*`. */
  readonly bin: string;
  /** The C and C++ compilers. */
  readonly cc: string;
  readonly cxx: string;
  readonly pkgConfig: string;
  readonly sysroot: string;
  readonly startObject: string;
  /** What the compilers find by -B: our assembler, and for Clang a start file. */
  readonly lib: string;
  readonly clangLib: string;
  readonly assembler: string;
  readonly specs: string;
  /** For `CONFIG_SITE` of configure scripts. */
  readonly configSite: string;
  /** For `cmake --toolchain`. */
  readonly cmakeFile: string;
  /** Read by cmake itself, after what it knows of Linux. */
  readonly cmakeRules: string;
  /** For `meson setup --cross-file`. */
  readonly mesonFile: string;
}

/** The places of a toolchain by the directory that it is in. */
export function toolchainPlaces(directory: string): ToolchainPlaces {
  const at = (...names: readonly string[]): string => path.join(directory, ...names);
  const command = (name: string): string => at("bin", `${targetTriple}-${name}`);
  return {
    path: directory,
    bin: at("bin"),
    cc: command("gcc"),
    cxx: command("g++"),
    pkgConfig: command("pkg-config"),
    sysroot: at("sysroot"),
    startObject: at("sysroot", "usr", "lib", "ukl-start.o"),
    lib: at("lib"),
    clangLib: at("lib", "clang"),
    assembler: at("lib", "as"),
    specs: at("lib", "ukl.specs"),
    configSite: at("share", "config.site"),
    cmakeFile: at("share", "toolchain.cmake"),
    cmakeRules: at("share", "rules.cmake"),
    mesonFile: at("share", "cross.ini"),
  };
}
