// SPDX-License-Identifier: Apache-2.0
/** Makes the toolchain: the system's gcc, told by specs, with our assembler, start object and C library. */

import { copyFile, cp, lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type CacheBuild, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { runCommand } from "../host/run-command.js";
import { buildGlibc, type Glibc } from "./build-glibc.js";
import { buildSystemFiles } from "./build-system-files.js";
import { compilerWrappers } from "./compiler-wrappers.js";
import { findHostCompiler, type HostCompiler } from "./host-compiler.js";
import { replaceLoader } from "./replace-loader.js";
import { type ToolchainPlaces, targetTriple, toolchainPlaces } from "./toolchain-places.js";
import { vectorHeader } from "./vector-header.js";

/** Where it is, and what it is made of. */
export interface Toolchain extends ToolchainPlaces {
  /** "gcc (Debian 12.2.0-14+deb12u1) 12.2.0" */
  readonly compiler: string;
  /** The version of glibc. */
  readonly libc: string;
  /** Changes whenever a program that is built with it may change. */
  readonly key: string;
}

const kernelHeaders = "linux-libc-dev";

/** Builds the toolchain, or finds it in the cache. */
export async function buildToolchain(ctx: Context): Promise<Toolchain> {
  const compiler = await findHostCompiler(ctx);
  const glibc = await buildGlibc(ctx, compiler);
  const { stdout: headersVersion } = await runCommand(ctx, "dpkg-query", ["--show", kernelHeaders]);
  const entry = await cached(ctx, {
    kind: "toolchain",
    name: targetTriple,
    inputs: {
      compiler: { ...compiler },
      glibc: glibc.key,
      kernelHeaders: headersVersion.trim(),
      loader: await hashTree(packagePath("userland", "libc"), { skip: ["README.md"] }),
      start: await hashTree(packagePath("userland", "start")),
      assembler: await hashTree(packagePath("userland", "as")),
      specs: await hashTree(packagePath("userland", "gcc")),
      headers: await hashTree(packagePath("userland", "include")),
      commands: compilerWrappers(toolchainPlaces("/"), compiler),
      files: buildSystemFiles(toolchainPlaces("/")),
      vectorHeader,
    },
    title: "Assembling the toolchain",
    build: (ctx, build) => assemble(ctx, build, compiler, glibc),
  });
  return {
    ...toolchainPlaces(entry.path),
    compiler: compiler.version,
    libc: glibc.version,
    key: entry.key,
  };
}

async function assemble(
  ctx: Context,
  { directory, path: finalPath, logFile }: CacheBuild,
  compiler: HostCompiler,
  glibc: Glibc,
): Promise<void> {
  const places = toolchainPlaces(directory);
  for (const part of ["include", "lib"])
    await cp(path.join(glibc.path, part), path.join(places.sysroot, "usr", part), { recursive: true });
  await replaceLoader(ctx, path.join(places.sysroot, "usr", "lib", "libc.a"), compiler.cc, logFile);
  await makeEmptyLibraries(ctx, places, logFile);
  await writeFile(path.join(places.sysroot, "usr/include/bits/math-vector.h"), vectorHeader);
  await copyKernelHeaders(ctx, places.sysroot);
  await cp(packagePath("userland", "include"), path.join(places.sysroot, "usr", "include"), {
    recursive: true,
  });

  await cp(packagePath("userland", "as"), places.lib, { recursive: true });
  await copyFile(packagePath("userland", "gcc", "ukl.specs"), places.specs);
  const start = packagePath("userland", "start", "start.S");
  await runCommand(ctx, compiler.cc, ["-c", "-o", places.startObject, start], { logFile });
  await makeStartFile(ctx, places, logFile);

  await mkdir(places.bin);
  const final = toolchainPlaces(finalPath);
  for (const [name, script] of Object.entries(compilerWrappers(final, compiler)))
    await writeFile(path.join(places.bin, name), script, { mode: 0o755 });
  await mkdir(path.dirname(places.cmakeFile));
  for (const [name, text] of Object.entries(buildSystemFiles(final)))
    await writeFile(path.join(directory, name), text);
}

/** For modules, which take nothing from the C library before the program does: see userland/gcc/modules.specs. */
async function makeEmptyLibraries(
  ctx: Context,
  { sysroot }: ToolchainPlaces,
  logFile: string,
): Promise<void> {
  const lib = path.join(sysroot, "usr", "lib");
  const archives = (await readdir(lib)).filter((name) => name.endsWith(".a"));
  const directory = path.join(lib, "ukl-modules");
  await mkdir(directory);
  for (const name of [...archives, "libstdc++.a"])
    await runCommand(ctx, "ar", ["crD", path.join(directory, name)], { logFile });
}

/** For Clang, whose programs begin in crt1.o: ours begins with the start object, which goes on to the C library's. */
async function makeStartFile(
  ctx: Context,
  { clangLib, startObject, sysroot }: ToolchainPlaces,
  logFile: string,
): Promise<void> {
  await mkdir(clangLib);
  const file = path.join(clangLib, "crt1.o");
  const parts = [startObject, path.join(sysroot, "usr", "lib", "crt1.o")];
  await runCommand(ctx, "ld", ["-r", "-o", file, ...parts], { logFile });
  const names = ["_start=__libc_start", "__ukl_start=_start"];
  await runCommand(ctx, "objcopy", [...names.map((pair) => `--redefine-sym=${pair}`), file], { logFile });
}

async function copyKernelHeaders(ctx: Context, sysroot: string): Promise<void> {
  const { stdout } = await runCommand(ctx, "dpkg", ["-L", kernelHeaders]);
  const headers = stdout.split("\n").filter((file) => file.startsWith("/usr/include/"));
  for (const header of headers) {
    // Newer distributions have the architecture's headers behind a link to a directory.
    if ((await lstat(header)).isDirectory()) continue;
    await cp(header, path.join(sysroot, header), { recursive: true, dereference: true });
  }
}
