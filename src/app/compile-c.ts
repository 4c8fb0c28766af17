// SPDX-License-Identifier: Apache-2.0
/** Builds an application that is a few C or C++ files. */

import path from "node:path";
import type { CBuild } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { type CommandResult, runCommand } from "../host/run-command.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";
import { finishProgram } from "./finish-program.js";

/** Compiles and links, or finds the result in the cache, by what the files and their headers say after preprocessing. */
export async function compileC(
  ctx: Context,
  name: string,
  build: CBuild,
  toolchain: Toolchain,
): Promise<CacheEntry> {
  const compiler = build.files.some(isCxx) ? toolchain.cxx : toolchain.cc;
  const flags = [...standardFlags, `-ffile-prefix-map=${build.directory}=.`, ...build.flags];
  const compile = (args: readonly string[], logFile?: string): Promise<CommandResult> =>
    runCommand(ctx, compiler, [...flags, ...args], {
      cwd: build.directory,
      env: { SOURCE_DATE_EPOCH: "0" },
      allowFailure: true,
      ...(logFile === undefined ? {} : { logFile }),
    });
  const preprocessed = await compile(["-E", ...build.files]);
  if (preprocessed.exitCode !== 0) throw compilerFailed(build, preprocessed);
  return cached(ctx, {
    kind: "app",
    name,
    inputs: {
      toolchain: toolchain.key,
      flags,
      libraries: build.libraries,
      source: hashBytes(preprocessed.stdout),
    },
    title: `Compiling ${build.files.join(", ")}`,
    build: async (ctx, { directory, logFile }) => {
      const output = path.join(directory, "program.debug");
      const libraries = build.libraries.map((library) => `-l${library}`);
      const result = await compile(["-o", output, ...build.files, ...libraries], logFile);
      if (result.exitCode !== 0) throw compilerFailed(build, result);
      for (const line of result.stderr.trimEnd().split("\n")) if (line !== "") ctx.log.info(line);
      await finishProgram(ctx, name, directory);
    },
  });
}

const standardFlags = ["-O2", "-g"];

function isCxx(file: string): boolean {
  return path.extname(file) !== ".c";
}

/** What the compiler says is the message: it names file, line and cause. */
function compilerFailed({ files }: CBuild, { stderr, exitCode }: CommandResult): UklError {
  const output = stderr.trimEnd() || `the compiler exited with status ${exitCode}`;
  return new UklError("APP_BUILD_FAILED", `Cannot compile "${files.join('", "')}"\n${output}`);
}
