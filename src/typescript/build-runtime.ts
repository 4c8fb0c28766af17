// SPDX-License-Identifier: Apache-2.0
/** Compiles what is written in C of the guest's side: the start of a program, and its system calls. */

import path from "node:path";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashFile } from "../host/hash.js";
import { runCommand } from "../host/run-command.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";
import type { QuickJs } from "./build-quickjs.js";
import { guestModulesDirectory } from "./guest-modules.js";

export interface Runtime {
  readonly objects: readonly string[];
  readonly key: string;
}

/** Compiles it, or finds it in the cache. */
export async function buildRuntime(ctx: Context, toolchain: Toolchain, quickjs: QuickJs): Promise<Runtime> {
  const hashes = await Promise.all(files.map((file) => hashFile(path.join(guestModulesDirectory, file))));
  const entry = await cached(ctx, {
    kind: "quickjs",
    name: "runtime",
    inputs: { quickjs: quickjs.key, hashes, flags },
    title: "Compiling the run-time system",
    build: async (ctx, { directory, logFile }) => {
      const places = [`-I${quickjs.headers}`, `-ffile-prefix-map=${guestModulesDirectory}=ukl`];
      const sources = files
        .filter((file) => file.endsWith(".c"))
        .map((file) => path.join(guestModulesDirectory, file));
      await runCommand(ctx, toolchain.cc, [...flags, ...places, "-c", ...sources], {
        cwd: directory,
        logFile,
      });
    },
  });
  return { objects: objectNames.map((name) => path.join(entry.path, name)), key: entry.key };
}

const files = ["main.c", "native.c", "native.h"];
const objectNames = ["main.o", "native.o"];
const flags = ["-O2", "-g", "-std=gnu11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-D_GNU_SOURCE"];
