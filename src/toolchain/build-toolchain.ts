// SPDX-License-Identifier: Apache-2.0
/** Makes the toolchain: the system's gcc, told by specs, with our assembler, start object and C library. */

import { copyFile, cp, lstat, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type CacheBuild, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { runCommand } from "../host/run-command.js";
import { buildGlibc, type Glibc } from "./build-glibc.js";
import { compilerWrappers, targetTriple } from "./compiler-wrappers.js";
import { findHostCompiler, type HostCompiler } from "./host-compiler.js";

export interface Toolchain {
  readonly path: string;
  /** The directory of the commands `x86_64-ukl-linux-gnu-*`. */
  readonly bin: string;
  /** The C and C++ compilers, absolute. */
  readonly cc: string;
  readonly cxx: string;
  readonly sysroot: string;
  readonly startObject: string;
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
      start: await hashTree(packagePath("userland", "start")),
      assembler: await hashTree(packagePath("userland", "as")),
      specs: await hashTree(packagePath("userland", "gcc")),
      wrappers: compilerWrappers("", compiler),
    },
    title: "Assembling the toolchain",
    build: (ctx, build) => assemble(ctx, build, compiler, glibc),
  });
  return describe(entry.path, entry.key);
}

function describe(directory: string, key: string): Toolchain {
  const bin = path.join(directory, "bin");
  const sysroot = path.join(directory, "sysroot");
  return {
    path: directory,
    bin,
    cc: path.join(bin, `${targetTriple}-gcc`),
    cxx: path.join(bin, `${targetTriple}-g++`),
    sysroot,
    startObject: path.join(sysroot, "usr", "lib", "ukl-start.o"),
    key,
  };
}

async function assemble(
  ctx: Context,
  build: CacheBuild,
  compiler: HostCompiler,
  glibc: Glibc,
): Promise<void> {
  const { bin, sysroot, startObject } = describe(build.directory, build.key);
  for (const part of ["include", "lib"])
    await cp(path.join(glibc.path, part), path.join(sysroot, "usr", part), { recursive: true });
  await copyKernelHeaders(ctx, sysroot);

  const lib = path.join(build.directory, "lib");
  await cp(packagePath("userland", "as"), lib, { recursive: true });
  await copyFile(packagePath("userland", "gcc", "ukl.specs"), path.join(lib, "ukl.specs"));
  const start = packagePath("userland", "start", "start.S");
  await runCommand(ctx, compiler.cc, ["-c", "-o", startObject, start], { logFile: build.logFile });

  await mkdir(bin);
  for (const [name, script] of Object.entries(compilerWrappers(build.path, compiler)))
    await writeFile(path.join(bin, name), script, { mode: 0o755 });
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
