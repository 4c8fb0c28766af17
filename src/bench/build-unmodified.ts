// SPDX-License-Identifier: Apache-2.0
/** Builds an application of C files by the system's compiler: an ordinary static program, as everybody would have it. */

import path from "node:path";
import { fetchPackages } from "../app/fetch-packages.js";
import type { App } from "../config/app.js";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { findProgramVersion } from "../host/program-version.js";
import { runCommand } from "../host/run-command.js";

/** Returns the application with the program in place of its build, which has to be one of C files in a directory. */
export async function buildUnmodified(ctx: Context, app: App): Promise<App> {
  const { name, build } = app;
  if (build.system !== "c" || build.source.kind !== "directory")
    throw new Error(`${name} is not built from C files in a directory`);
  const cwd = build.source.path;
  const packages = await fetchPackages(ctx, build.packages);
  const flags = ["-O2", "-static", "-s", ...packages.flags, ...build.flags];
  const libraries = build.libraries.map((library) => `-l${library}`);
  const { stdout: source } = await runCommand(ctx, "gcc", ["-E", ...flags, ...build.files], { cwd });
  const entry = await cached(ctx, {
    kind: "app",
    name: `${name}-unmodified`,
    inputs: {
      compiler: await findProgramVersion(ctx, "gcc"),
      source: hashBytes(source),
      ...{ flags, libraries, packages: packages.hashes },
    },
    title: `Building ${name} by the system's compiler`,
    build: async (ctx, { directory, logFile }) => {
      const output = ["-o", path.join(directory, name)];
      await runCommand(ctx, "gcc", [...flags, ...output, ...build.files, ...libraries], { cwd, logFile });
    },
  });
  return { ...app, build: { system: "prebuilt", file: path.join(entry.path, name) } };
}
