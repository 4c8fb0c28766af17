// SPDX-License-Identifier: Apache-2.0
/**
 * The git tree in which a series is edited. The distribution's source is one commit, the overlay one, and every patch
 * one. What belongs to the overlay is told by the path, not by the commit: a file that the distribution has not.
 */

import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { hashJson, hashTree } from "../host/hash.js";
import { isSystemError } from "../host/system-error.js";
import { listGit, runGit } from "./git.js";
import type { KernelSource } from "./prepare-source.js";
import type { Series } from "./series.js";

/** The commit of the distribution's source. */
export const sourceRef = "refs/ukl/source";

/** Written into the tree's configuration, as ukl.*: what the tree was opened from. */
export interface TreeRecord {
  readonly series: string;
  /** Of the distribution's source. */
  readonly source: string;
  /** Of the series and the overlay, as they were read or written last. */
  readonly files: string;
}

export async function describeTree(series: Series, source: KernelSource): Promise<TreeRecord> {
  const files = hashJson([await hashTree(series.overlay), await hashTree(series.directory)]);
  return { series: series.version, source: source.key, files };
}

export async function saveRecord(ctx: Context, tree: string, record: TreeRecord): Promise<void> {
  for (const [key, value] of Object.entries(record))
    await runGit(ctx, tree, ["config", "--local", `ukl.${key}`, value]);
}

/** The same for a tree that was opened from these, with commits on top of the source, all of them finished. */
export async function requireFinishedTree(ctx: Context, tree: string, expected: TreeRecord): Promise<void> {
  const record = await loadRecord(ctx, tree);
  if (record === undefined)
    throw invalidTree(tree, '"ukl kernel edit" did not open it', editHint(expected, "NEW_DIR"));
  if (record.series !== expected.series)
    throw invalidTree(
      tree,
      `it has the series ${record.series}`,
      `ukl kernel refresh ${record.series} ${tree}`,
    );
  const operation = await findOperation(ctx, tree);
  if (operation !== undefined)
    throw invalidTree(
      tree,
      `a ${operation} is in progress`,
      `cd ${tree} && git ${operation} --continue, or --abort`,
    );
  const changes = await listGit(ctx, tree, ["status", "--porcelain", "--no-renames", "-z"]);
  if (changes.length > 0)
    throw invalidTree(
      tree,
      `it has changes that are not committed (${summarize(changes.map((change) => change.slice(3)))})`,
      `cd ${tree} && git add -A && git commit`,
    );
  await requireLinearHistory(ctx, tree);
  if (record.source !== expected.source)
    throw invalidTree(
      tree,
      "the distribution's source has changed since it was opened",
      editHint(expected, "NEW_DIR"),
    );
  if (record.files !== expected.files)
    throw invalidTree(
      tree,
      "kernel/series or kernel/overlay has changed since it was opened",
      `Open a new tree and carry the commits over: ${editHint(expected, "NEW_DIR")}`,
    );
}

async function loadRecord(ctx: Context, tree: string): Promise<TreeRecord | undefined> {
  // A directory inside a repository is none itself.
  if (!(await exists(path.join(tree, ".git")))) return undefined;
  const read = async (key: keyof TreeRecord): Promise<string> => {
    const result = await runGit(ctx, tree, ["config", "--local", "--get", `ukl.${key}`], {
      allowFailure: true,
    });
    return result.stdout.trimEnd();
  };
  const record = { series: await read("series"), source: await read("source"), files: await read("files") };
  return record.series === "" ? undefined : record;
}

/** What git leaves behind while it waits for somebody, and the command that goes on. */
const operations = {
  "rebase-merge": "rebase",
  // Both "git am" and an old form of "git rebase"; am marks it.
  "rebase-apply/applying": "am",
  "rebase-apply": "rebase",
  CHERRY_PICK_HEAD: "cherry-pick",
  REVERT_HEAD: "revert",
  MERGE_HEAD: "merge",
} as const satisfies Record<string, string>;

async function findOperation(ctx: Context, tree: string): Promise<string | undefined> {
  const { stdout } = await runGit(ctx, tree, ["rev-parse", "--absolute-git-dir"]);
  for (const [name, operation] of Object.entries(operations))
    if (await exists(path.join(stdout.trimEnd(), name))) return operation;
  return undefined;
}

async function requireLinearHistory(ctx: Context, tree: string): Promise<void> {
  const { exitCode } = await runGit(ctx, tree, ["merge-base", "--is-ancestor", sourceRef, "HEAD"], {
    allowFailure: true,
  });
  if (exitCode !== 0)
    throw invalidTree(
      tree,
      "its branch does not begin with the distribution's source",
      `cd ${tree} && git rebase --onto ${sourceRef} UPSTREAM`,
    );
  const { stdout } = await runGit(ctx, tree, ["rev-list", "--merges", `${sourceRef}..HEAD`]);
  if (stdout !== "")
    throw invalidTree(
      tree,
      "it has merges, of which patches cannot be made",
      `cd ${tree} && git rebase ${sourceRef}`,
    );
}

/** @throws UklError USAGE_INVALID when the directory exists and has something in it */
export async function requireEmptyDirectory(directory: string, action: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return [];
    if (isSystemError(error, "ENOTDIR"))
      throw new UklError("USAGE_INVALID", `Cannot ${action} "${directory}": it is not a directory`, {
        hint: "Name a new directory",
      });
    throw error;
  });
  if (names.length > 0)
    throw new UklError("USAGE_INVALID", `Cannot ${action} "${directory}": it is not empty`, {
      hint: "Name a new directory",
    });
}

/** "a, b, c, …". */
export function summarize(names: readonly string[]): string {
  return [...names.slice(0, 3), ...(names.length > 3 ? ["…"] : [])].join(", ");
}

export function invalidTree(tree: string, state: string, hint: string): UklError {
  return new UklError("KERNEL_TREE_INVALID", `Cannot take patches from "${tree}": ${state}`, { hint });
}

function editHint({ series }: TreeRecord, directory: string): string {
  return `ukl kernel edit ${series} ${directory}`;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
