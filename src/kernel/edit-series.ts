// SPDX-License-Identifier: Apache-2.0
/** Opens a git tree in which a patch series can be edited like any branch. */

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import { makeDirectory } from "../host/make-directory.js";
import { runCommand } from "../host/run-command.js";
import { runGit } from "./git.js";
import { copyOverlay, type KernelSource } from "./prepare-source.js";
import { listPatches, type Series } from "./series.js";
import { describeTree, requireEmptyDirectory, saveRecord, sourceRef } from "./series-tree.js";

export interface EditRequest {
  readonly series: Series;
  /** The distribution's, unpatched. */
  readonly source: KernelSource;
  /** Absolute; new or empty. */
  readonly directory: string;
}

/**
 * Fills the directory with a repository: a commit of the source, one of the overlay, one for each patch.
 *
 * @throws UklError USAGE_INVALID when the directory is in use
 * @throws UklError KERNEL_PATCH_REJECTED when a patch does not apply; the tree then waits for it to be mended
 */
export async function editSeries(ctx: Context, { series, source, directory }: EditRequest): Promise<void> {
  await requireEmptyDirectory(directory, "open a tree in");
  const record = await describeTree(series, source);
  await makeDirectory(directory);
  await runGit(ctx, directory, ["init", "--quiet", `--initial-branch=ukl-${series.version}`]);
  await ctx.log.step(`Committing the source of linux ${source.version}`, (log) =>
    commitSource(withLog(ctx, log), source, directory),
  );
  await saveRecord(ctx, directory, record);
  const overlay = [...series.overlayFiles, ...series.companionFiles];
  await copyOverlay(series.overlay, overlay, directory);
  await commitFiles(ctx, directory, overlay, overlayMessage);
  await ctx.log.step(`Applying the patch series ${series.version}`, (log) =>
    applyPatches(withLog(ctx, log), directory, listPatches(series), `linux ${source.version}`),
  );
}

/** Commits these files of a tree, which .gitignore may name. */
export async function commitFiles(
  ctx: Context,
  tree: string,
  names: readonly string[],
  message: string,
): Promise<void> {
  if (names.length > 0) await runGit(ctx, tree, ["add", "--force", "--", ...names]);
  await runGit(ctx, tree, ["commit", "--quiet", "--allow-empty", "-m", message]);
}

/**
 * Commits each patch, with its author and date.
 *
 * @throws UklError KERNEL_PATCH_REJECTED, leaving "git am" in progress
 */
export async function applyPatches(
  ctx: Context,
  tree: string,
  patches: readonly string[],
  treeName: string,
): Promise<void> {
  if (patches.length === 0) return;
  const args = ["am", "--quiet", "--3way", "--committer-date-is-author-date", ...patches];
  const result = await runGit(ctx, tree, args, { allowFailure: true });
  if (result.exitCode === 0) return;
  const next = await readFile(path.join(tree, ".git", "rebase-apply", "next"), "utf8").catch(() => "");
  const patch = patches[Number(next) - 1];
  if (patch === undefined) throw new Error(`git am failed without a patch in progress:\n${result.stderr}`);
  throw new UklError(
    "KERNEL_PATCH_REJECTED",
    `Cannot apply "${path.basename(patch)}" to ${treeName}: git am stopped there`,
    {
      hint: `cd ${tree} && git apply --reject ${patch}; mend the files, git add them, git am --continue`,
    },
  );
}

async function commitSource(ctx: Context, { path: source, version }: KernelSource, tree: string) {
  // Not by hard links: an editor may write into a file that the cache has.
  await runCommand(ctx, "cp", ["-a", "--reflink=auto", `${source}/.`, tree]);
  await showNewFiles(path.join(tree, ".gitignore"));
  // Into one pack, not into a file each: a kernel has 80,000.
  await runGit(ctx, tree, ["add", "--all", "--force"], {
    settings: ["core.bigFileThreshold=1", "core.compression=1"],
  });
  const message = `linux ${version}\n\nThe distribution's source, as it is, but for a .gitignore of everything.`;
  await runGit(ctx, tree, ["commit", "--quiet", "-m", message]);
  await runGit(ctx, tree, ["update-ref", sourceRef, "HEAD"]);
}

/** Debian's .gitignore ignores everything, as its own repository has no source: a new file would go unnoticed. */
async function showNewFiles(ignoreFile: string): Promise<void> {
  const rules = await readFile(ignoreFile, "utf8");
  await writeFile(ignoreFile, rules.replaceAll(/^\/\*\n/gm, ""));
}

const overlayMessage = `ukl: add the overlay

Files that the distribution has not belong to kernel/overlay, whichever
commit they are in. The patches are the changes of all other files.`;
