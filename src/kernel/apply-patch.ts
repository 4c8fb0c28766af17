// SPDX-License-Identifier: Apache-2.0
/** Applies one patch strictly, and makes sure that it did. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { runCommand } from "../host/run-command.js";

/**
 * Applies a git patch to a tree. No fuzz: a hook that lands a few lines off is worse than one
 * that does not land.
 *
 * @param treeName what the tree is, for messages: "linux 6.12.117"
 * @throws UklError KERNEL_PATCH_REJECTED
 */
export async function applyPatch(ctx: Context, tree: string, patch: string, treeName: string): Promise<void> {
  const files = parsePatchedFiles(await readFile(patch, "utf8"));
  const before = await hashFiles(tree, files);
  // Inside somebody's repository git would look for that repository's files, find none, and report success.
  const env = { GIT_CEILING_DIRECTORIES: path.dirname(tree) };
  const result = await runCommand(ctx, "git", ["apply", "--verbose", patch], {
    cwd: tree,
    env,
    allowFailure: true,
  });
  if (result.exitCode !== 0) throw rejected(patch, treeName, describeRejection(result.stderr));
  const after = await hashFiles(tree, files);
  const untouched = files.filter((_, index) => before[index] === after[index]);
  if (untouched.length > 0) throw rejected(patch, treeName, `${untouched.join(", ")} did not change`);
}

/** The files that a git patch touches, relative to the tree. */
export function parsePatchedFiles(patch: string): readonly string[] {
  return [...patch.matchAll(/^diff --git a\/(\S+) b\/\S+$/gm)].map(([, file]) => file ?? "");
}

/** From what `git apply` prints: the hunk, or all of it when it says something else. */
export function describeRejection(stderr: string): string {
  const failed = stderr.match(/^error: patch failed: (.+):(\d+)$/m);
  if (failed !== null) return `the hunk at line ${failed[2]} of ${failed[1]} does not match`;
  return stderr.trim().replaceAll(/^error: /gm, "") || "git apply gave no reason";
}

function rejected(patch: string, treeName: string, state: string): UklError {
  return new UklError(
    "KERNEL_PATCH_REJECTED",
    `Cannot apply "${path.basename(patch)}" to ${treeName}: ${state}`,
    {
      hint: "The distribution's kernel has changed; update the series in kernel/series",
    },
  );
}

function hashFiles(tree: string, files: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    files.map((file) =>
      readFile(path.join(tree, file)).then(hashBytes, (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return "absent";
        throw error;
      }),
    ),
  );
}
