// SPDX-License-Identifier: Apache-2.0
/** Applies one patch strictly, and makes sure that it did. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { runCommand } from "../host/run-command.js";
import { gitEnvironment } from "./git.js";

/**
 * Applies a git patch to a tree. No fuzz: a hook that lands a few lines off is worse than one
 * that does not land.
 *
 * @param treeName what the tree is, for messages: "linux 6.12.117"
 * @throws UklError KERNEL_PATCH_REJECTED
 */
export async function applyPatch(ctx: Context, tree: string, patch: string, treeName: string): Promise<void> {
  const text = await readFile(patch, "utf8");
  const files = parsePatchedFiles(text);
  if (files.length === 0) throw rejected(patch, treeName, "it names no file whose change could be verified");
  const before = await hashFiles(tree, files);
  const result = await runCommand(ctx, "git", ["apply", "--verbose", patch], {
    cwd: tree,
    env: gitEnvironment(tree),
    allowFailure: true,
  });
  if (result.exitCode !== 0) throw rejected(patch, treeName, describeRejection(result.stderr, text));
  const after = await hashFiles(tree, files);
  const untouched = files.filter((_, index) => before[index] === after[index]);
  if (untouched.length > 0) throw rejected(patch, treeName, `${untouched.join(", ")} did not change`);
}

/** The files that a git patch touches, relative to the tree. */
export function parsePatchedFiles(patch: string): readonly string[] {
  return [...patch.matchAll(/^diff --git a\/(\S+) b\/\S+$/gm)].map(([, file]) => file ?? "");
}

/** From what `git apply` prints: the hunk, or all of it when it says something else. */
export function describeRejection(stderr: string, patch: string): string {
  const [, file, line] = stderr.match(/^error: patch failed: (.+):(\d+)$/m) ?? [];
  if (file !== undefined) return `hunk ${findHunk(patch, file, Number(line))} of ${file} does not match`;
  const reasons = [...stderr.matchAll(/^error: (.+)$/gm)].map(([, reason]) => reason);
  return reasons.join("; ") || "git apply gave no reason";
}

/** The number, from 1, of the hunk that begins at this line of the old file: git names the line. */
function findHunk(patch: string, file: string, line: number): number {
  const part =
    patch.split(/^(?=diff --git )/m).find((text) => text.startsWith(`diff --git a/${file} `)) ?? "";
  const starts = [...part.matchAll(/^@@ -(\d+)/gm)].map(([, start]) => Number(start));
  return starts.indexOf(line) + 1;
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
