// SPDX-License-Identifier: Apache-2.0
/** A tree of glibc's source, configured, and how its build is asked for parts of it. */

import { mkdir, readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { packagePath } from "../host/package-path.js";
import { type CommandResult, runCommand } from "../host/run-command.js";
import { configureArguments, makeVariables } from "./glibc-recipe.js";
import type { HostCompiler } from "./host-compiler.js";

export interface GlibcTree {
  readonly source: string;
  readonly objects: string;
  readonly logFile: string;
}

export interface GlibcPlaces {
  /** The files of the package glibc-source. */
  readonly package: string;
  /** Where the tree shall be. */
  readonly work: string;
  readonly logFile: string;
}

/**
 * Unpacks the source and configures it for our assembler.
 *
 * @throws UklError TOOLCHAIN_BUILD_FAILED when the package has no source
 */
export async function configureGlibc(
  ctx: Context,
  { cc, cxx }: HostCompiler,
  places: GlibcPlaces,
): Promise<GlibcTree> {
  const { work, logFile } = places;
  const tree = { source: path.join(work, "source"), objects: path.join(work, "objects"), logFile };
  await unpack(ctx, places.package, tree);
  await mkdir(tree.objects, { recursive: true });
  const args = configureArguments(cc, cxx, packagePath("userland", "as"));
  await runCommand(ctx, path.join(tree.source, "configure"), args, { cwd: tree.objects, logFile });
  return tree;
}

async function unpack(ctx: Context, packageDirectory: string, { source, logFile }: GlibcTree): Promise<void> {
  const directory = path.join(packageDirectory, "usr", "src", "glibc");
  const tarball = (await readdir(directory)).find((name) => /^glibc-.*\.tar\./.test(name));
  if (tarball === undefined)
    throw new UklError(
      "TOOLCHAIN_BUILD_FAILED",
      `Cannot unpack glibc: there is no tarball in "${directory}"`,
    );
  await mkdir(source, { recursive: true });
  const archive = path.join(directory, tarball);
  await runCommand(ctx, "tar", ["-xf", archive, "-C", source, "--strip-components=1"], { logFile });
}

export interface GlibcMakeOptions {
  /** Resolve, not reject, when something could not be made. */
  readonly allowFailure?: boolean;
}

/** Runs make in one of glibc's folders ("." for its root), the way its own top-level makefile does. */
export async function makeGlibc(
  ctx: Context,
  { source, objects, logFile }: GlibcTree,
  folder: string,
  args: readonly string[],
  options: GlibcMakeOptions = {},
): Promise<CommandResult> {
  const place = folder === "." ? [] : [`subdir=${folder}`, "..=../"];
  const jobs = `-j${availableParallelism()}`;
  const directory = path.join(source, folder);
  const all = [jobs, "-C", directory, ...place, `objdir=${objects}`, ...makeVariables, ...args];
  return runCommand(ctx, "make", all, { logFile, ...options });
}
