// SPDX-License-Identifier: Apache-2.0
/** Builds an application that is a few C or C++ files. */

import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { App, CBuild } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { mapParallel } from "../host/map-parallel.js";
import { type CommandResult, runCommand } from "../host/run-command.js";
import { fetchSource } from "../source/fetch-source.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";
import { adviseBuild } from "./explain-build-failure.js";
import { fetchPackages } from "./fetch-packages.js";
import { finishProgram, programNames } from "./finish-program.js";
import { linkModules } from "./link-modules.js";

/** Compiles each file that has changed, and links; what the cache has is found by what the files and their headers say. */
export async function compileC(
  ctx: Context,
  { name, modules }: Pick<App, "name" | "modules">,
  build: CBuild,
  toolchain: Toolchain,
): Promise<CacheEntry> {
  // C++ in one of the files makes it a C++ program.
  const language = languageOf(build.files);
  const directory = await findDirectory(ctx, build);
  const packages = await fetchPackages(ctx, build.packages);
  const flags = [...standardFlags, `-ffile-prefix-map=${directory}=.`, ...packages.flags, ...build.flags];
  const job = { directory, language, flags, toolchain } as const;
  const objects = await mapParallel(build.files, (file) => compileFile(ctx, job, file));
  const built = await mapParallel(modules, async ({ path, file }) => ({
    ...{ path, object: await compileFile(ctx, { ...job, language: languageOf([file]) }, file) },
  }));
  const libraries = build.libraries.map((library) => `-l${library}`);
  return cached(ctx, {
    kind: "app",
    name,
    inputs: {
      toolchain: toolchain.key,
      ...{ language, flags, libraries, packages: packages.hashes },
      objects: objects.map(({ key }) => key),
      ...(modules.length === 0 ? {} : { modules: built.map(({ path, object }) => [path, object.key]) }),
    },
    title: `Linking ${name}`,
    build: async (ctx, { directory, logFile }) => {
      const output = path.join(directory, programNames.symbols);
      const files = objects.map(objectFile);
      const work = path.join(directory, "modules");
      if (built.length > 0) {
        await mkdir(work);
        const linked = path.join(work, "ukl-modules.o");
        const inputs = built.map(({ path, object }) => ({ path, file: objectFile(object) }));
        await linkModules(ctx, inputs, { directory: work, output: linked, logFile });
        files.push(linked);
      }
      const linking = { ...job, language: languageOf([...build.files, ...modules.map(({ file }) => file)]) };
      const result = await runCompiler(ctx, linking, ["-o", output, ...files, ...libraries], logFile);
      if (result.exitCode !== 0) throw compilerFailed("link", name, result);
      await rm(work, { recursive: true, force: true });
      await finishProgram(ctx, name, directory);
    },
  });
}

const standardFlags = ["-O2", "-g"];
const objectName = "object.o";

function objectFile({ path: directory }: CacheEntry): string {
  return path.join(directory, objectName);
}

/** A directory of the user's is read where it is. */
async function findDirectory(ctx: Context, { source }: CBuild): Promise<string> {
  return source.kind === "directory" ? source.path : (await fetchSource(ctx, source)).path;
}

interface Job {
  /** What the files are relative to. */
  readonly directory: string;
  readonly language: "cc" | "cxx";
  readonly flags: readonly string[];
  readonly toolchain: Toolchain;
}

async function compileFile(ctx: Context, job: Job, file: string): Promise<CacheEntry> {
  if (!existsSync(path.resolve(job.directory, file)))
    throw new UklError("APP_INVALID", `Cannot compile "${file}": it is not in "${job.directory}"`, {
      hint: "Correct its name in the configuration",
    });
  const preprocessed = await runCompiler(ctx, job, ["-E", file]);
  if (preprocessed.exitCode !== 0) throw compilerFailed("compile", file, preprocessed);
  return cached(ctx, {
    kind: "object",
    name: path.basename(file).replaceAll(/[^\w.+-]/g, "_"),
    inputs: {
      toolchain: job.toolchain.key,
      language: job.language,
      flags: job.flags,
      source: hashBytes(preprocessed.stdout),
    },
    title: `Compiling ${file}`,
    build: async (ctx, { directory, logFile }) => {
      const result = await runCompiler(
        ctx,
        job,
        ["-c", "-o", path.join(directory, objectName), file],
        logFile,
      );
      if (result.exitCode !== 0) throw compilerFailed("compile", file, result);
      for (const line of result.stderr.trimEnd().split("\n")) if (line !== "") ctx.log.info(line);
    },
  });
}

function runCompiler(
  ctx: Context,
  { directory, language, flags, toolchain }: Job,
  args: readonly string[],
  logFile?: string,
): Promise<CommandResult> {
  return runCommand(ctx, toolchain[language], [...flags, ...args], {
    cwd: directory,
    env: { SOURCE_DATE_EPOCH: "0" },
    allowFailure: true,
    ...(logFile === undefined ? {} : { logFile }),
  });
}

function languageOf(files: readonly string[]): Job["language"] {
  return files.some(isCxx) ? "cxx" : "cc";
}

function isCxx(file: string): boolean {
  return path.extname(file) !== ".c";
}

/** What the compiler says is the message: it names file, line and cause. */
function compilerFailed(
  action: "compile" | "link",
  name: string,
  { stderr, exitCode }: CommandResult,
): UklError {
  const output = stderr.trimEnd() || `the compiler exited with status ${exitCode}`;
  const hint = adviseBuild(output);
  return new UklError(
    "APP_BUILD_FAILED",
    `Cannot ${action} "${name}"\n${output}`,
    hint === undefined ? {} : { hint },
  );
}
