// SPDX-License-Identifier: Apache-2.0
/** Builds tests of glibc, each a program: compiled by glibc's own makefiles, linked as our toolchain links every program. */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashTree } from "../host/hash.js";
import { mapParallel } from "../host/map-parallel.js";
import { packagePath } from "../host/package-path.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { fetchSource } from "../source/fetch-source.js";
import type { FetchedSource } from "../source/source-spec.js";
import { buildToolchain, type Toolchain } from "../toolchain/build-toolchain.js";
import { configureGlibc, type GlibcTree, makeGlibc } from "../toolchain/glibc-tree.js";
import { findHostCompiler } from "../toolchain/host-compiler.js";
import type { LeftOut } from "./suite.js";

/** The folders of glibc whose tests ask the kernel for something. */
export const glibcFolders = ["nptl", "signal", "stdlib", "io", "posix"] as const;

export type GlibcFolder = (typeof glibcFolders)[number];

export interface GlibcTests {
  /** The programs, and what they read. */
  readonly path: string;
  readonly tests: readonly GlibcTest[];
  readonly leftOut: readonly LeftOut[];
}

const testSchema = z.object({
  name: z.string(),
  /** Words for a shell; `glibcObjects` stands for the directory of the folders. */
  args: z.string(),
  env: z.string(),
});

export type GlibcTest = z.infer<typeof testSchema>;

const listSchema = z.object({
  tests: z.array(testSchema),
  leftOut: z.array(z.object({ name: z.string(), reason: z.string() })),
});

/** Stands in arguments for the directory of the build. */
export const glibcObjects = "@objects@";
const listName = "tests.json";
const programsName = "programs";

/** In the version of our C library. */
export function fetchGlibcSource(ctx: Context): Promise<FetchedSource> {
  return fetchSource(ctx, { kind: "debian-binary", package: "glibc-source" });
}

/** Builds those of a folder, or finds them in the cache. */
export async function buildGlibcTests(
  ctx: Context,
  source: FetchedSource,
  folder: GlibcFolder,
): Promise<GlibcTests> {
  const toolchain = await buildToolchain(ctx);
  const compiler = await findHostCompiler(ctx);
  const entry = await cached(ctx, {
    kind: "suite",
    name: `glibc-${source.version}-${folder}`,
    inputs: {
      source: source.sha256,
      toolchain: toolchain.key,
      assembler: await hashTree(packagePath("userland", "as")),
      parts,
      libraries,
      listing,
    },
    title: `Building the tests of glibc ${source.version}: ${folder}`,
    neededMib: 1_000,
    build: async (ctx, { directory, logFile }) => {
      await requireTools(ctx, ["make", "bison", "gawk", "perl", "python3", "xz"]);
      const work = path.join(directory, "work");
      const tree = await configureGlibc(ctx, compiler, { package: source.path, work, logFile });
      await makeGlibc(ctx, tree, ".", [path.join(tree.objects, "sysd-sorted")]);
      for (const part of parts)
        await makeGlibc(ctx, tree, path.dirname(part).split(path.sep)[0] ?? "", [
          path.join(tree.objects, part),
        ]);
      const list = await buildFolder(ctx, {
        tree,
        toolchain,
        folder,
        output: path.join(directory, programsName),
      });
      await writeFile(path.join(directory, listName), JSON.stringify(list, null, 2));
      await rm(work, { recursive: true });
    },
  });
  const list = listSchema.parse(JSON.parse(await readFile(path.join(entry.path, listName), "utf8")));
  return { path: path.join(entry.path, programsName), ...list };
}

/** What all tests are linked with: their main(), and functions that check and report. */
const supportLibrary = path.join("support", "libsupport_nonshared.a");
/** And a header that tests include, which the build generates. */
const parts = [supportLibrary, path.join("misc", "bits", "syscall.h")];
const libraries = ["-lm", "-lcrypt", "-lresolv"];

interface FolderBuild {
  readonly tree: GlibcTree;
  readonly toolchain: Toolchain;
  readonly folder: string;
  readonly output: string;
}

async function buildFolder(
  ctx: Context,
  build: FolderBuild,
): Promise<{ readonly tests: readonly GlibcTest[]; readonly leftOut: readonly LeftOut[] }> {
  const { tree, folder, output } = build;
  const found = await listTests(ctx, build);
  const objects = found.map(({ name }) => path.join(tree.objects, folder, `${name}.o`));
  // Those that need a part that was not built show below: their objects are missing.
  await makeGlibc(ctx, tree, folder, ["--keep-going", ...objects], { allowFailure: true });
  await mkdir(output);
  await copyData(path.join(tree.source, folder), output);
  const reasons = await mapParallel(found, (test) => linkTest(ctx, build, test));
  const tests = found.filter((_test, index) => reasons[index] === undefined);
  const leftOut = found.flatMap(({ name }, index) => {
    const reason = reasons[index];
    return reason === undefined ? [] : [{ name: `${folder}/${name}`, reason }];
  });
  return { tests, leftOut };
}

const listedLine = "$(info ukl-test|$t|$(strip $($t-ARGS))|$(strip $($t-ENV)))";

/** Arguments of make: what it knows of the tests, one line each. */
const listing = [
  "--silent",
  "build-shared=no",
  // The command that a test starts itself with: taken from the running rule's dependencies, where rules run tests.
  "built-program-file=$(objpfx)$t",
  `--eval=list-tests: ; @true $(foreach t,$(sort $(tests) $(tests-internal)),${listedLine})`,
  "list-tests",
];

async function listTests(ctx: Context, { tree, folder }: FolderBuild): Promise<GlibcTest[]> {
  const { stdout } = await makeGlibc(ctx, tree, folder, listing);
  return stdout.split("\n").flatMap((text) => {
    const [mark, name, args, env] = text.split("|");
    if (mark !== "ukl-test" || name === undefined || args === undefined || env === undefined) return [];
    const place = (words: string): string => words.replaceAll(tree.objects, glibcObjects);
    return [{ name, args: place(args), env: place(withoutTracing(env)) }];
  });
}

/** A library that is preloaded, and what it shall write, are for the dynamic form of a test. */
function withoutTracing(env: string): string {
  return env
    .split(" ")
    .filter((word) => !/^(MALLOC_TRACE|LD_PRELOAD)=/.test(word))
    .join(" ");
}

/** Tests read files that lie beside their sources. */
async function copyData(source: string, output: string): Promise<void> {
  for (const entry of await readdir(source, { withFileTypes: true }))
    if (entry.isFile() || dataFolders.includes(entry.name))
      await cp(path.join(source, entry.name), path.join(output, entry.name), { recursive: true });
}

const dataFolders = ["rxspencer"];

/** Returns why there is no program, if so. */
async function linkTest(
  ctx: Context,
  { tree, toolchain, folder, output }: FolderBuild,
  { name }: GlibcTest,
): Promise<string | undefined> {
  const object = path.join(tree.objects, folder, `${name}.o`);
  if (!existsSync(object)) return "it does not compile without the rest of glibc";
  const driver = existsSync(path.join(tree.source, folder, `${name}.cc`)) ? toolchain.cxx : toolchain.cc;
  const support = path.join(tree.objects, supportLibrary);
  const args = ["-s", "-o", path.join(output, name), object, support, ...libraries];
  const linked = await runCommand(ctx, driver, args, { allowFailure: true, logFile: tree.logFile });
  if (linked.exitCode === 0) return undefined;
  const missing = /undefined reference to [`']([^']+)'/.exec(linked.stderr)?.[1];
  return missing === undefined ? "it cannot be linked statically" : `a static program has no ${missing}`;
}
