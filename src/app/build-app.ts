// SPDX-License-Identifier: Apache-2.0
/** Builds an application's program. */

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { App, AppBuild, AppFile, Prebuilt } from "../config/app.js";
import { parseElf } from "../elf/parse-elf.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { buildToolchain, type Toolchain } from "../toolchain/build-toolchain.js";
import { bindProgram, hasCallSites, type KernelLink } from "./bind-program.js";
import { buildSource } from "./build-source.js";
import { compileC } from "./compile-c.js";
import { compileTypeScript } from "./compile-typescript.js";
import { programNames } from "./finish-program.js";
import { installedFiles } from "./take-installed.js";

export interface BuildAppOptions {
  /** Link it directly against this kernel. Without effect on a program that our toolchain did not build. */
  readonly link?: KernelLink;
}

export interface BuiltApp {
  readonly app: App;
  /** The ELF program for the guest, absolute. */
  readonly program: string;
  /** The same program with debug information, as far as it has any. */
  readonly symbols: string;
  /** `linked-base`: its system calls are function calls. `prebuilt`: an ordinary program, which the image has to mark. */
  readonly kind: "linked-base" | "prebuilt";
  /** What the build has installed for the image. */
  readonly installed: readonly AppFile[];
}

/**
 * Builds the program, or finds it in the cache by its content.
 *
 * @throws UklError APP_BUILD_FAILED with what the compiler said
 */
export async function buildApp(ctx: Context, app: App, options: BuildAppOptions = {}): Promise<BuiltApp> {
  const built = await build(ctx, app);
  if (options.link === undefined || built.kind === "prebuilt") return built;
  return { ...built, program: await bind(ctx, built, options.link) };
}

async function build(ctx: Context, app: App): Promise<BuiltApp> {
  const { build } = app;
  if (build.system === "prebuilt") return describePrebuilt(app, build.file);
  const toolchain = await buildToolchain(ctx);
  const entry = await buildFrom(ctx, app, build, toolchain);
  return {
    app,
    program: path.join(entry.path, programNames.program),
    symbols: path.join(entry.path, programNames.symbols),
    kind: "linked-base",
    installed: "install" in build ? installedFiles(build, entry.path) : [],
  };
}

function buildFrom(
  ctx: Context,
  app: App,
  build: Exclude<AppBuild, Prebuilt>,
  toolchain: Toolchain,
): Promise<CacheEntry> {
  switch (build.system) {
    case "c":
      return compileC(ctx, app, build, toolchain);
    case "typescript":
      return compileTypeScript(ctx, app.name, build, toolchain);
    default:
      return buildSource(ctx, app, build, toolchain);
  }
}

/** A program that was built with `ukl toolchain` by hand is as good as one that we built. */
async function describePrebuilt(app: App, file: string): Promise<BuiltApp> {
  const elf = parseElf(await readFile(file), file);
  const kind = hasCallSites(elf) ? "linked-base" : "prebuilt";
  return { app, program: file, symbols: file, kind, installed: [] };
}

async function bind(ctx: Context, { app, program }: BuiltApp, link: KernelLink): Promise<string> {
  const bytes = await readFile(program);
  const entry = await cached(ctx, {
    kind: "app",
    name: `${app.name}-linked`,
    inputs: {
      program: hashBytes(bytes),
      systemCall: link.systemCall.toString(16),
      kernel: Buffer.from(link.buildId).toString("hex"),
    },
    title: `Linking ${app.name} against the kernel`,
    build: async (_ctx, { directory }) => {
      const file = path.join(directory, programNames.program);
      await writeFile(file, bindProgram(bytes, link, program), { mode: 0o755 });
    },
  });
  return path.join(entry.path, programNames.program);
}
