// SPDX-License-Identifier: Apache-2.0
/** Builds the C library: headers, crt files and static archives, with every system call a call. */

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashJson, hashTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { fetchSource } from "../source/fetch-source.js";
import {
  configureArguments,
  emptyLibraries,
  extraTargets,
  makeVariables,
  parseSortedFolders,
} from "./glibc-recipe.js";
import { configureGlibc, type GlibcTree, makeGlibc } from "./glibc-tree.js";
import type { HostCompiler } from "./host-compiler.js";
import { findRawSystemCalls } from "./raw-system-calls.js";
import { writeStubsHeader } from "./stubs-header.js";

export interface Glibc {
  /** Holds include/ and lib/, as below /usr of a sysroot. */
  readonly path: string;
  readonly version: string;
  readonly key: string;
}

/**
 * Builds glibc in the version of the system's own, because objects that were built against the
 * system's headers must fit.
 *
 * @throws UklError TOOLCHAIN_BUILD_FAILED when system-call instructions are left
 */
export async function buildGlibc(ctx: Context, compiler: HostCompiler): Promise<Glibc> {
  const source = await fetchSource(ctx, { kind: "debian-binary", package: "glibc-source" });
  const assembler = packagePath("userland", "as");
  const entry = await cached(ctx, {
    kind: "libc",
    name: `glibc-${source.version}`,
    inputs: {
      source: source.sha256,
      compiler: compiler.version,
      assembler: await hashTree(assembler),
      recipe: hashJson([configureArguments("", "", ""), makeVariables, extraTargets, emptyLibraries]),
    },
    title: `Building the C library (glibc ${source.version})`,
    neededMib: 700,
    build: async (ctx, { directory, logFile }) => {
      await requireTools(ctx, ["make", "bison", "gawk", "perl", "python3", "xz"]);
      const work = path.join(directory, "work");
      const build = await configureGlibc(ctx, compiler, { package: source.path, work, logFile });
      const folders = await makeFolders(ctx, build);
      await install(ctx, build, folders, directory);
      await rm(work, { recursive: true });
    },
  });
  return { path: entry.path, version: source.version, key: entry.key };
}

/** Compiles everything; returns the folders that belong to libc.a. */
async function makeFolders(ctx: Context, build: GlibcTree): Promise<string[]> {
  const sorted = path.join(build.objects, "sysd-sorted");
  await makeGlibc(ctx, build, ".", [sorted]);
  const folders = parseSortedFolders(await readFile(sorted, "utf8"));
  for (const [index, folder] of folders.entries()) {
    ctx.log.progress(index, folders.length);
    const targets = ["stamp.o", ...(extraTargets[folder] ?? [])];
    await makeGlibc(
      ctx,
      build,
      folder,
      targets.map((target) => path.join(build.objects, folder, target)),
    );
  }
  return folders;
}

async function install(
  ctx: Context,
  build: GlibcTree,
  folders: readonly string[],
  directory: string,
): Promise<void> {
  const { objects, logFile } = build;
  const root = path.join(path.dirname(objects), "installed");
  const headers = ["install-headers", `install_root=${root}`, "install-bootstrap-headers=yes"];
  await makeGlibc(ctx, build, ".", headers);
  await rename(path.join(root, "usr", "include"), path.join(directory, "include"));

  const lib = path.join(directory, "lib");
  await mkdir(lib);
  for (const [folder, names] of Object.entries(extraTargets))
    if (folders.includes(folder))
      for (const name of names) await rename(path.join(objects, folder, name), path.join(lib, name));
  const archive = (name: string, ...members: readonly string[]): Promise<unknown> =>
    runCommand(ctx, "ar", ["crD", path.join(lib, name), ...members], { cwd: objects, logFile });
  await writeFile(path.join(objects, "members"), await listMembers(objects, folders));
  await archive("libc.a", "@members");
  for (const name of emptyLibraries) await archive(`lib${name}.a`);
  await writeStubsHeader(ctx, path.join(lib, "libc.a"), path.join(directory, "include/gnu/stubs-64.h"));
  await checkSystemCalls(ctx, lib);
}

/** A folder's stamp lists its objects, relative to the root of all. */
async function listMembers(objects: string, folders: readonly string[]): Promise<string> {
  const stamps = folders.map((folder) => readFile(path.join(objects, folder, "stamp.o"), "utf8"));
  return (await Promise.all(stamps)).join("\n");
}

async function checkSystemCalls(ctx: Context, lib: string): Promise<void> {
  const archives = (await readdir(lib)).filter((name) => name.endsWith(".a"));
  const found = await findRawSystemCalls(
    ctx,
    archives.map((name) => path.join(lib, name)),
  );
  if (found.length === 0) return;
  throw new UklError(
    "TOOLCHAIN_BUILD_FAILED",
    `Cannot use the C library: ${found.length} system-call instructions are left, in ${found.slice(0, 5).join(", ")}`,
  );
}
