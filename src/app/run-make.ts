// SPDX-License-Identifier: Apache-2.0
/** Builds an application that has a Makefile, outside of its source. */

import { cp, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { MakeBuild } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { quoteForShell } from "../host/format-command.js";
import type { Json } from "../host/hash.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { isSystemError } from "../host/system-error.js";
import { fetchSource } from "../source/fetch-source.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";
import { finishProgram, programNames } from "./finish-program.js";

/** Runs make on a copy of the source, or finds the result in the cache. */
export async function runMake(
  ctx: Context,
  name: string,
  build: MakeBuild,
  toolchain: Toolchain,
): Promise<CacheEntry> {
  await requireTools(ctx, ["make"]);
  const source = await fetchSource(ctx, build.source);
  const { directory: makeDirectory, targets, variables, program } = build;
  return cached(ctx, {
    kind: "app",
    name,
    inputs: {
      toolchain: toolchain.key,
      source: source.sha256,
      build: { directory: makeDirectory, targets, variables, program } satisfies Json,
    },
    title: `Building ${name}${source.version === "" ? "" : ` ${source.version}`}`,
    build: async (ctx, { directory, logFile }) => {
      const work = path.join(directory, "source");
      await cp(source.path, work, { recursive: true, verbatimSymlinks: true });
      // As part of CC, because a makefile's own CFLAGS must stay; it makes debug information independent of the cache's place.
      const pathMap = quoteForShell(`-ffile-prefix-map=${work}=/usr/src/${name}`);
      const args = [
        `-j${availableParallelism()}`,
        ...targets,
        `CC=${quoteForShell(toolchain.cc)} ${pathMap}`,
        `CXX=${quoteForShell(toolchain.cxx)} ${pathMap}`,
        ...Object.entries(variables).map(([variable, value]) => `${variable}=${value}`),
      ];
      const cwd = path.join(work, makeDirectory);
      await explainFailure(
        name,
        runCommand(ctx, "make", args, { cwd, env: { SOURCE_DATE_EPOCH: "0" }, logFile }),
      );
      await takeProgram(name, path.join(work, program), path.join(directory, programNames.symbols));
      await finishProgram(ctx, name, directory);
      await rm(work, { recursive: true });
    },
  });
}

async function explainFailure(name: string, command: Promise<unknown>): Promise<void> {
  try {
    await command;
  } catch (error) {
    if (!(error instanceof UklError) || error.code !== "HOST_COMMAND_FAILED") throw error;
    throw new UklError("APP_BUILD_FAILED", `Cannot build "${name}": ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

async function takeProgram(name: string, built: string, place: string): Promise<void> {
  try {
    await rename(built, place);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    throw new UklError("APP_BUILD_FAILED", `Cannot build "${name}": make succeeded, but left no program`, {
      hint: `Correct "program" in its configuration; there is no "${path.basename(built)}"`,
    });
  }
}
