// SPDX-License-Identifier: Apache-2.0
/** Builds an application that is written in TypeScript. */

import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TypeScriptBuild } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { makeDirectory } from "../host/make-directory.js";
import { runCommand } from "../host/run-command.js";
import { fetchSource } from "../source/fetch-source.js";
import type { Toolchain } from "../toolchain/build-toolchain.js";
import { buildQuickJs, systemLibraries } from "../typescript/build-quickjs.js";
import { buildRuntime } from "../typescript/build-runtime.js";
import { type Bundle, bundleName, bundleProgram, nativeModules } from "../typescript/bundle-program.js";
import { findSourcePlace } from "../typescript/find-source-place.js";
import { finishProgram, programNames } from "./finish-program.js";

/** Bundles it, which takes no time to speak of; what follows is found in the cache by what the bundle says. */
export async function compileTypeScript(
  ctx: Context,
  name: string,
  { source, file }: TypeScriptBuild,
  toolchain: Toolchain,
): Promise<CacheEntry> {
  const directory = source.kind === "directory" ? source.path : (await fetchSource(ctx, source)).path;
  const bundle = await bundleProgram(directory, file);
  for (const warning of bundle.warnings) ctx.log.warn(warning);
  const quickjs = await buildQuickJs(ctx, toolchain);
  const runtime = await buildRuntime(ctx, toolchain, quickjs);
  return cached(ctx, {
    kind: "app",
    name,
    inputs: {
      runtime: runtime.key,
      bytecode: [...bytecodeOptions],
      code: hashBytes(bundle.code),
      sourceMap: hashBytes(bundle.sourceMap),
    },
    title: `Compiling ${file}`,
    build: async (ctx, { directory, logFile }) => {
      const work = path.join(directory, "work");
      await makeDirectory(work);
      await compileBundle(ctx, quickjs.compiler, { file, bundle, work });
      const output = path.join(directory, programNames.symbols);
      const parts = [...runtime.objects, quickjs.library, ...systemLibraries];
      // Nothing but data: there is nothing to optimise, and nobody steps through it.
      await runCommand(ctx, toolchain.cc, ["-o", output, ...dataFiles, ...parts], { cwd: work, logFile });
      await rm(work, { recursive: true });
      await finishProgram(ctx, name, directory);
    },
  });
}

const dataFiles = ["program.c", "source-map.c"];

/** As main.c and native.c call what comes of it. */
const bytecodeOptions = [
  ...["-c", "-m", "-N", "ukl_program", "-o", "program.c"],
  ...Object.entries(nativeModules).flatMap(([name, initializer]) => ["-M", `${name},${initializer}`]),
];

interface Compilation {
  readonly file: string;
  readonly bundle: Bundle;
  readonly work: string;
}

async function compileBundle(
  ctx: Context,
  compiler: string,
  { file, bundle, work }: Compilation,
): Promise<void> {
  await writeFile(path.join(work, bundleName), bundle.code);
  await writeFile(path.join(work, "source-map.c"), formatString("ukl_source_map", bundle.sourceMap));
  const args = [...bytecodeOptions, bundleName];
  const { exitCode, stderr } = await runCommand(ctx, compiler, args, { cwd: work, allowFailure: true });
  if (exitCode === 0) return;
  // "SyntaxError: …", then "    at program.js:12:5": what esbuild took for right.
  const [reason = "", place = ""] = stderr.trim().split(/\n\s*at /);
  throw new UklError(
    "APP_BUILD_FAILED",
    `Cannot compile "${file}"\n${findSourcePlace(bundle.sourceMap, place) ?? file}: ${reason.replace(/^SyntaxError: /, "")}`,
  );
}

/** A C string; what is not ASCII stays as it is. */
function formatString(name: string, text: string): string {
  return `const char ${name}[] = "${text.replaceAll(/["\\]/g, "\\$&")}";\n`;
}
