// SPDX-License-Identifier: Apache-2.0
/** Builds some objects of a kernel, not all of it. */

import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../src/host/context.js";
import { listTree } from "../../src/host/hash.js";
import { configureKernel } from "../../src/kernel/configure.js";
import { kbuild } from "../../src/kernel/kbuild.js";
import { linkSource } from "../../src/kernel/link-source.js";

export interface ObjectsRequest {
  /** The kernel's tree. */
  readonly source: string;
  /** New; named alike for trees that are to be compared, as some files say what theirs is called. */
  readonly directory: string;
  readonly fragment: string;
  /** Objects ("fs/exec.o") and directories ("arch/x86/entry/"). */
  readonly targets: readonly string[];
}

export interface Objects {
  readonly directory: string;
  /** Relative, sorted. */
  readonly names: readonly string[];
}

export async function buildObjects(ctx: Context, request: ObjectsRequest): Promise<Objects> {
  const { source, directory, fragment, targets } = request;
  const output = path.join(directory, "build");
  const logFile = path.join(directory, "log");
  await mkdir(output, { recursive: true });
  await linkSource(source, directory);
  await configureKernel(ctx, { source: directory, output, fragment, logFile });
  // The decompressor includes a header that is made on the way to this one.
  await kbuild(ctx, { source: directory, output, targets: ["init/version-timestamp.o"], logFile });
  await kbuild(ctx, { source: directory, output, targets, logFile });
  const isTarget = (name: string): boolean =>
    targets.some((target) => name === target || (target.endsWith("/") && name.startsWith(target)));
  const names = (await listTree(output)).filter((name) => name.endsWith(".o") && isTarget(name));
  return { directory: output, names };
}
