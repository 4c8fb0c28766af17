// SPDX-License-Identifier: Apache-2.0
/** Builds QuickJS, the compiler and the run-time library, from Debian's source package. */

import path from "node:path";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { mapParallel } from "../host/map-parallel.js";
import { runCommand } from "../host/run-command.js";
import { fetchSource } from "../source/fetch-source.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";

export interface QuickJs {
  /** Makes bytecode; a program of our toolchain, which runs here as an ordinary process. */
  readonly compiler: string;
  readonly library: string;
  /** The directory of its headers. */
  readonly headers: string;
  readonly key: string;
}

/** One version for everybody: bytecode and library must fit, and it is the first that knows columns. */
const source = {
  kind: "debian-source",
  package: "quickjs",
  version: "2025.04.26",
  release: "trixie",
} as const;

/** Builds it, or finds it in the cache. */
export async function buildQuickJs(ctx: Context, toolchain: Toolchain): Promise<QuickJs> {
  const { path: tree, version, sha256 } = await fetchSource(ctx, source);
  // As its own Makefile does: arithmetic that overflows wraps.
  const flags = ["-O2", "-g", "-fwrapv", "-D_GNU_SOURCE", `-DCONFIG_VERSION="${version}"`];
  const entry = await cached(ctx, {
    kind: "quickjs",
    name: source.version,
    inputs: { toolchain: toolchain.key, source: sha256, flags, libraryFiles },
    title: `Building QuickJS ${version}`,
    build: async (ctx, { directory, logFile }) => {
      const compile = async (name: string): Promise<string> => {
        const object = path.join(directory, `${name}.o`);
        const args = [...flags, `-ffile-prefix-map=${tree}=quickjs`, "-c", "-o", object, `${name}.c`];
        await runCommand(ctx, toolchain.cc, args, { cwd: tree, logFile });
        return object;
      };
      const [compiler = "", ...objects] = await mapParallel(["qjsc", ...libraryFiles], compile);
      const library = path.join(directory, libraryName);
      await runCommand(ctx, "ar", ["rcs", library, ...objects], { logFile });
      const program = ["-o", path.join(directory, compilerName), compiler, library, ...systemLibraries];
      await runCommand(ctx, toolchain.cc, program, { logFile });
    },
  });
  return {
    compiler: path.join(entry.path, compilerName),
    library: path.join(entry.path, libraryName),
    headers: tree,
    key: entry.key,
  };
}

/** What a program needs besides QuickJS. */
export const systemLibraries = ["-lm", "-lpthread"];

const libraryFiles = ["quickjs", "libregexp", "libunicode", "cutils", "dtoa", "quickjs-libc"];
const libraryName = "libquickjs.a";
const compilerName = "qjsc";
