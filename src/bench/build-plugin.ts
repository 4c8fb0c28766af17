// SPDX-License-Identifier: Apache-2.0
/** Compiles the emulator's plugin that tells which functions a server executes. */

import path from "node:path";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashFile, listTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { findProgramVersion } from "../host/program-version.js";
import { runCommand } from "../host/run-command.js";

const file = "profile.so";

/** Returns the path of the shared object. */
export async function buildPlugin(ctx: Context): Promise<string> {
  const [place, marks] = [packagePath("userland", "plugin"), packagePath("userland", "bench", "marks.h")];
  const sources = (await listTree(place)).map((name) => path.join(place, name));
  const flags = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-shared", "-fPIC", "-fvisibility=hidden"];
  const entry = await cached(ctx, {
    kind: "plugin",
    name: "profile",
    inputs: {
      sources: await Promise.all([...sources, marks].map(hashFile)),
      compiler: await findProgramVersion(ctx, "gcc"),
      flags,
    },
    title: "Building the emulator's plugin",
    build: async (ctx, { directory, logFile }) => {
      const output = path.join(directory, file);
      const files = sources.filter((source) => source.endsWith(".c"));
      await runCommand(ctx, "gcc", [...flags, "-o", output, ...files], { logFile });
    },
  });
  return path.join(entry.path, file);
}
