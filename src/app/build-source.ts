// SPDX-License-Identifier: Apache-2.0
/** Builds an application by its own build system, outside of the user's directory. */

import { copyFile, cp, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { SourceBuild } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { makeDirectory } from "../host/make-directory.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { isSystemError } from "../host/system-error.js";
import { fetchSource } from "../source/fetch-source.js";
import type { FetchedSource } from "../source/source-spec.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";
import { buildSystems } from "./build-steps.js";
import { type BuildTree, withBuildTree } from "./build-tree.js";
import { explainBuildFailure } from "./explain-build-failure.js";
import { type FetchedPackages, fetchPackages } from "./fetch-packages.js";
import { finishProgram, programNames } from "./finish-program.js";

interface Work {
  readonly name: string;
  readonly build: SourceBuild;
  readonly toolchain: Toolchain;
  readonly source: FetchedSource;
  readonly packages: FetchedPackages;
  readonly logFile: string;
  /** Where the program shall be, with debug information. */
  readonly symbols: string;
}

/**
 * Builds what the source describes, or finds the result in the cache by the content of all that it is made of.
 *
 * @throws UklError APP_BUILD_FAILED with what the build said
 */
export async function buildSource(
  ctx: Context,
  name: string,
  build: SourceBuild,
  toolchain: Toolchain,
): Promise<CacheEntry> {
  const { tools } = buildSystems[build.system];
  await requireTools(ctx, [
    ...tools,
    ...(build.autoreconf === true ? (["automake"] as const) : []),
    ...build.tools,
  ]);
  const source = await fetchSource(ctx, build.source);
  const packages = await fetchPackages(ctx, build.packages);
  return cached(ctx, {
    kind: "app",
    name,
    inputs: {
      toolchain: toolchain.key,
      source: source.sha256,
      packages: packages.hashes,
      build: describeBuild(build),
    },
    title: `Building ${name}${source.version === "" ? "" : ` ${source.version}`}`,
    build: async (ctx, { directory, logFile }) => {
      const symbols = path.join(directory, programNames.symbols);
      const work = { name, build, toolchain, source, packages, logFile, symbols };
      if (source.files === undefined) await buildOnce(ctx, work, directory);
      else await buildKept(ctx, work, source.files);
      await finishProgram(ctx, name, directory);
    },
  });
}

/** Everything of it but the source. */
function describeBuild({ source: _source, autoreconf, ...rest }: SourceBuild) {
  return autoreconf === true ? { ...rest, autoreconf } : rest;
}

/** What does not change is built once: its tree need not be kept. */
async function buildOnce(ctx: Context, work: Work, directory: string): Promise<void> {
  const output = path.join(directory, "tree");
  const { inPlace } = buildSystems[work.build.system];
  // With the dates: automake makes its generated files again when they seem older than what they are made from.
  const copy = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
  if (inPlace) await cp(work.source.path, output, copy);
  else await makeDirectory(output);
  const tree = { source: inPlace ? output : work.source.path, output, fresh: true, expectsChange: false };
  await runSteps(ctx, work, tree);
  await takeProgram(work, tree);
  await rm(output, { recursive: true });
}

async function buildKept(
  ctx: Context,
  work: Work,
  files: NonNullable<FetchedSource["files"]>,
): Promise<void> {
  const { name, build, toolchain, source, packages } = work;
  const request = {
    name,
    inputs: { toolchain: toolchain.key, packages: packages.hashes, build: describeBuild(build) },
    source: { path: source.path, files },
    copy: buildSystems[build.system].inPlace,
  };
  await withBuildTree(ctx, request, async (ctx, tree) => {
    const before = await findTime(path.join(tree.output, build.program));
    await runSteps(ctx, work, tree);
    const overlooked =
      tree.expectsChange && before === (await findTime(path.join(tree.output, build.program)));
    if (overlooked) return undefined;
    await takeProgram(work, tree);
    return true;
  });
}

async function runSteps(ctx: Context, work: Work, tree: BuildTree): Promise<void> {
  const { name, build, toolchain, packages, logFile } = work;
  const { steps, description } = buildSystems[build.system];
  await requireDescription(work, path.join(tree.source, build.directory), description);
  const place = { name, source: tree.source, output: tree.output, packageFlags: packages.flags };
  for (const step of steps(build, place, toolchain)) {
    const made = step.makes === undefined ? undefined : path.join(step.cwd, step.makes);
    if (made !== undefined && !tree.fresh && (await findTime(made)) !== undefined) continue;
    try {
      await runCommand(ctx, step.file, step.args, { cwd: step.cwd, env: step.env, logFile });
    } catch (error) {
      throw explainBuildFailure(name, error);
    }
  }
}

async function requireDescription(work: Work, directory: string, description: string): Promise<void> {
  const names = description === "Makefile" ? ["GNUmakefile", "makefile", "Makefile"] : [description];
  for (const name of names) if ((await findTime(path.join(directory, name))) !== undefined) return;
  const place = path.join(work.source.path, work.build.directory);
  throw new UklError(
    "APP_BUILD_FAILED",
    `Cannot build "${work.name}" with ${work.build.system}: there is no ${description} in "${place}"`,
    { hint: 'Correct "build" in its configuration' },
  );
}

/** When a file was changed last; undefined when there is none. */
async function findTime(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.mtimeMs;
}

async function takeProgram({ name, build, symbols }: Work, tree: BuildTree): Promise<void> {
  try {
    await copyFile(path.join(tree.output, build.program), symbols);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR")) throw error;
    throw new UklError(
      "APP_BUILD_FAILED",
      `Cannot build "${name}": ${build.system} succeeded, but left no program`,
      { hint: `Correct "program" in its configuration; there is no "${build.program}"` },
    );
  }
}
