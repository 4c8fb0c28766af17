// SPDX-License-Identifier: Apache-2.0
/** Compiles /init, an ordinary static ring-3 program, with the system's own compiler. */

import { readdir } from "node:fs/promises";
import path from "node:path";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { runCommand } from "../host/run-command.js";

const flags = [
  "-static",
  "-Os",
  "-s",
  "-std=gnu11",
  "-Wall",
  "-Wextra",
  "-Wno-unused-result",
  "-D_GNU_SOURCE",
];

/** Returns the path of the program. */
export async function buildInit(ctx: Context): Promise<string> {
  const source = packagePath("userland", "init");
  const { stdout } = await runCommand(ctx, "gcc", ["--version"]);
  const entry = await cached(ctx, {
    kind: "init",
    name: "init",
    inputs: { source: await hashTree(source), compiler: stdout.split("\n")[0] ?? "", flags },
    title: "Building /init",
    build: async (ctx, { directory, logFile }) => {
      const files = (await readdir(source)).filter((name) => name.endsWith(".c")).sort();
      const output = path.join(directory, "init");
      await runCommand(ctx, "gcc", [...flags, "-o", output, ...files], { cwd: source, logFile });
    },
  });
  return path.join(entry.path, "init");
}
