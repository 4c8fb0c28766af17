// SPDX-License-Identifier: Apache-2.0
/** Copies a kernel's build directory to go on building in: others are linked against the kernel's own. */

import path from "node:path";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import type { Kernel } from "./build-kernel.js";
import type { KbuildRequest } from "./kbuild.js";
import { linkSource } from "./link-source.js";
import { moveTree } from "./move-tree.js";

/**
 * @param directory for the copy, and links to the source around it; to be removed afterwards
 * @returns where kbuild finds both
 */
export async function copyBuild(
  ctx: Context,
  kernel: Pick<Kernel, "path" | "source" | "tree" | "compilerFlags">,
  directory: string,
  logFile: string,
): Promise<Pick<KbuildRequest, "source" | "output" | "compilerFlags" | "logFile">> {
  const output = path.join(directory, path.relative(kernel.path, kernel.tree));
  await linkSource(kernel.source, directory);
  await runCommand(ctx, "cp", ["-a", "--reflink=auto", kernel.tree, output], { logFile });
  await moveTree(output, kernel.path, directory);
  return { source: directory, output, compilerFlags: kernel.compilerFlags, logFile };
}
