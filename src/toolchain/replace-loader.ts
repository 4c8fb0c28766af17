// SPDX-License-Identifier: Apache-2.0
/** Puts the objects of userland/libc/ in the places of glibc's own of the same names, and their warnings in the places of glibc's. */

import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../host/context.js";
import { packagePath } from "../host/package-path.js";
import { runCommand } from "../host/run-command.js";

/** @param libc the archive, which is changed */
export async function replaceLoader(ctx: Context, libc: string, cc: string, logFile: string): Promise<void> {
  const source = packagePath("userland", "libc");
  const sources = (await readdir(source)).filter((name) => name.endsWith(".c")).sort();
  const work = `${libc}.objects`;
  await mkdir(work);
  for (const name of sources) {
    const args = [...flags, "-c", "-o", path.join(work, name.replace(/c$/, "o")), path.join(source, name)];
    await runCommand(ctx, cc, args, { logFile });
  }
  const warnings = ["dlopen", "dlmopen"].map((name) => `--remove-section=.gnu.warning.${name}`);
  await runCommand(ctx, "objcopy", ["--enable-deterministic-archives", ...warnings, libc], { logFile });
  const objects = sources.map((name) => path.join(work, name.replace(/c$/, "o")));
  await runCommand(ctx, "ar", ["rD", libc, ...objects], { logFile });
  await rm(work, { recursive: true });
}

const flags = ["-O2", "-Wall", "-Wextra", "-fno-pie", "-fno-pic", "-mno-red-zone"];
