// SPDX-License-Identifier: Apache-2.0
/** Builds an application by its own build system, outside of the user's directory. */

import { copyFile, cp, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { App, AppModule, SourceBuild } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { makeDirectory } from "../host/make-directory.js";
import { packagePath } from "../host/package-path.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { isSystemError } from "../host/system-error.js";
import { fetchSource } from "../source/fetch-source.js";
import type { FetchedSource } from "../source/source-spec.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";
import { type BuildPlace, type BuildStep, buildSystems } from "./build-steps.js";
import { type BuildTree, withBuildTree } from "./build-tree.js";
import { explainBuildFailure } from "./explain-build-failure.js";
import { type FetchedPackages, fetchPackages } from "./fetch-packages.js";
import { finishProgram, programNames } from "./finish-program.js";
import { linkModules } from "./link-modules.js";
import { takeInstalled } from "./take-installed.js";

interface Work {
  readonly name: string;
  readonly build: SourceBuild;
  readonly modules: readonly AppModule[];
  readonly toolchain: Toolchain;
  readonly source: FetchedSource;
  readonly packages: FetchedPackages;
  readonly logFile: string;
  /** Where the program shall be, with debug information, and what was installed. */
  readonly directory: string;
}

/**
 * Builds what the source describes, or finds the result in the cache by the content of all that it is made of.
 *
 * @throws UklError APP_BUILD_FAILED with what the build said
 */
export async function buildSource(
  ctx: Context,
  { name, modules }: Pick<App, "name" | "modules">,
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
      ...describeBuild(build, modules),
    },
    title: `Building ${name}${source.version === "" ? "" : ` ${source.version}`}`,
    build: async (ctx, { directory, logFile }) => {
      const work = { name, build, modules, toolchain, source, packages, logFile, directory };
      if (source.files === undefined) await buildOnce(ctx, work);
      else await buildKept(ctx, work, source.files);
      await finishProgram(ctx, name, directory);
    },
  });
}

/** Everything of it but the source. */
function describeBuild(
  { source: _source, autoreconf, install, ...rest }: SourceBuild,
  modules: readonly AppModule[],
) {
  return {
    build: autoreconf === true ? { ...rest, autoreconf } : rest,
    ...(install.length === 0 ? {} : { install }),
    ...(modules.length === 0 ? {} : { modules: modules.map((module) => ({ ...module })) }),
  };
}

/** What does not change is built once: its tree need not be kept. */
async function buildOnce(ctx: Context, work: Work): Promise<void> {
  const output = path.join(work.directory, "work", "tree");
  const { inPlace } = buildSystems[work.build.system];
  // With the dates: automake makes its generated files again when they seem older than what they are made from.
  const copy = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
  if (inPlace) await cp(work.source.path, output, copy);
  else await makeDirectory(output);
  const tree = { source: inPlace ? output : work.source.path, output, fresh: true, expectsChange: false };
  await runSteps(ctx, work, tree);
  await finishTree(ctx, work, tree);
  await rm(path.dirname(output), { recursive: true });
}

async function buildKept(
  ctx: Context,
  work: Work,
  files: NonNullable<FetchedSource["files"]>,
): Promise<void> {
  const { name, build, modules, toolchain, source, packages } = work;
  const request = {
    name,
    inputs: { toolchain: toolchain.key, packages: packages.hashes, ...describeBuild(build, modules) },
    source: { path: source.path, files },
    copy: buildSystems[build.system].inPlace,
  };
  await withBuildTree(ctx, request, async (ctx, tree) => {
    const before = await findLatest(work, tree);
    await runSteps(ctx, work, tree);
    if (tree.expectsChange && before === (await findLatest(work, tree))) return undefined;
    await finishTree(ctx, work, tree);
    return true;
  });
}

async function runSteps(ctx: Context, work: Work, tree: BuildTree): Promise<void> {
  const { build, toolchain } = work;
  const { steps, description } = buildSystems[build.system];
  await requireDescription(work, path.join(tree.source, build.directory), description);
  if (work.modules.length > 0) await prepareModules(tree);
  for (const step of steps(build, placeOf(work, tree), toolchain)) {
    const made = step.makes === undefined ? undefined : path.join(step.cwd, step.makes);
    if (made !== undefined && !tree.fresh && (await findTime(made)) !== undefined) continue;
    await runStep(ctx, work, step);
  }
}

async function runStep(ctx: Context, { name, logFile }: Work, step: BuildStep): Promise<void> {
  try {
    await runCommand(ctx, step.file, step.args, { cwd: step.cwd, env: step.env, logFile });
  } catch (error) {
    throw explainBuildFailure(name, error);
  }
}

function placeOf({ name, packages, modules }: Work, tree: BuildTree): BuildPlace {
  const directory = modulesDirectory(tree);
  const moduleFlags = [`-specs=${path.join(directory, modulesSpecs)}`, `-B${directory}/`];
  return {
    ...{ name, source: tree.source, output: tree.output },
    flags: [...packages.flags, ...(modules.length === 0 ? [] : moduleFlags)],
  };
}

/** Beside the tree, where the compiler looks for what userland/gcc/modules.specs speaks of. */
function modulesDirectory({ output }: BuildTree): string {
  return path.join(path.dirname(output), "modules");
}

const modulesSpecs = "modules.specs";
const modulesObject = "ukl-modules.o";

/** With these specs -shared makes objects; as long as the modules are not linked programs are as ever. */
async function prepareModules(tree: BuildTree): Promise<void> {
  const directory = modulesDirectory(tree);
  await rm(directory, { recursive: true, force: true });
  await makeDirectory(directory);
  for (const name of [modulesSpecs, "ld"])
    await copyFile(packagePath("userland", "gcc", name), path.join(directory, name));
}

/** Takes from a tree that is built what it was built for. */
async function finishTree(ctx: Context, work: Work, tree: BuildTree): Promise<void> {
  const { build, modules, directory } = work;
  await takeProgram(work, tree);
  if (modules.length > 0) {
    await relinkProgram(ctx, work, tree);
    await takeProgram(work, tree);
  }
  if (build.install.length === 0) return;
  const root = path.join(path.dirname(tree.output), "root");
  await rm(root, { recursive: true, force: true });
  await runStep(ctx, work, buildSystems[build.system].installStep(build, placeOf(work, tree), root));
  await takeInstalled(ctx, work, root, directory);
}

/** The build links the program again when it is gone, and now there are modules to be linked with it. */
async function relinkProgram(ctx: Context, work: Work, tree: BuildTree): Promise<void> {
  const { build, modules, toolchain, logFile } = work;
  const directory = modulesDirectory(tree);
  const built = modules.map((module) => ({ ...module, file: path.join(tree.output, module.file) }));
  await linkModules(ctx, built, { directory, output: path.join(directory, modulesObject), logFile });
  await rm(path.join(tree.output, build.program));
  // Not what configures: the programs that it tries have nothing that the modules take from theirs.
  const last = buildSystems[build.system].steps(build, placeOf(work, tree), toolchain).at(-1);
  if (last !== undefined) await runStep(ctx, work, last);
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

/** When the program or one of its modules was changed last. */
async function findLatest({ build, modules }: Work, { output }: BuildTree): Promise<number> {
  const files = [build.program, ...modules.map(({ file }) => file)];
  const times = await Promise.all(files.map((file) => findTime(path.join(output, file))));
  return Math.max(...times.map((time) => time ?? 0));
}

/** When a file was changed last; undefined when there is none. */
async function findTime(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.mtimeMs;
}

async function takeProgram({ name, build, directory }: Work, tree: BuildTree): Promise<void> {
  try {
    await copyFile(path.join(tree.output, build.program), path.join(directory, programNames.symbols));
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR")) throw error;
    throw new UklError(
      "APP_BUILD_FAILED",
      `Cannot build "${name}": ${build.system} succeeded, but left no program`,
      { hint: `Correct "program" in its configuration; there is no "${build.program}"` },
    );
  }
}
