// SPDX-License-Identifier: Apache-2.0
/** Builds the programs of programs/, which the tests of ring 3 and those of ring 0 run. */

import { readdirSync } from "node:fs";
import path from "node:path";
import type { Context } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { runCommand } from "../../src/host/run-command.js";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";

const directory = packagePath("test", "userland", "programs");

/** Those that pass. */
export const programs = readdirSync(directory).filter(
  (name) => /\.(c|cc)$/.test(name) && !name.startsWith("planted-"),
);

const flags = ["-O2", "-Wall", "-Wno-infinite-recursion", "-Wno-array-bounds", "-D_FORTIFY_SOURCE=2"];
const ownFlags: Readonly<Record<string, readonly string[]>> = {
  "filesystem.cc": ["-std=c++17"],
  "openmp.cc": ["-fopenmp"],
};

/** Returns the path of the program. */
export async function buildProgram(
  ctx: Context,
  toolchain: Toolchain,
  source: string,
  into: string,
): Promise<string> {
  const output = path.join(into, path.parse(source).name);
  const compiler = source.endsWith(".cc") ? toolchain.cxx : toolchain.cc;
  const all = [...flags, ...(ownFlags[source] ?? []), "-o", output, path.join(directory, source), "-lm"];
  await runCommand(ctx, compiler, all);
  return output;
}
