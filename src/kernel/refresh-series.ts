// SPDX-License-Identifier: Apache-2.0
/** Writes an edited tree back to kernel/series and kernel/overlay. */

import { copyFile, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../host/context.js";
import { listTree } from "../host/hash.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import { applyPatch } from "./apply-patch.js";
import type { EditRequest } from "./edit-series.js";
import { formatPatches } from "./format-patches.js";
import { listGit } from "./git.js";
import { listPatches } from "./series.js";
import { describeTree, invalidTree, requireFinishedTree, saveRecord, sourceRef } from "./series-tree.js";

/** What has changed, by name; patches by their file's name, the overlay's files by their place in the kernel's tree. */
export interface RefreshResult {
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Makes the series and the overlay what the tree's commits say. Nothing is written unless the patches apply strictly
 * to the distribution's source and give the tree that is there.
 *
 * @throws UklError KERNEL_TREE_INVALID, KERNEL_PATCH_REJECTED
 */
export async function refreshSeries(ctx: Context, request: EditRequest): Promise<RefreshResult> {
  const { series, source, directory: tree } = request;
  await requireFinishedTree(ctx, tree, await describeTree(series, source));
  const { hooked, added } = await findChangedFiles(ctx, tree);
  await using scratch = await createTemporaryDirectory("refresh");
  const patches = path.join(scratch.path, "patches");
  await mkdir(patches);
  await formatPatches(ctx, tree, { range: `${sourceRef}..HEAD`, output: patches, files: hooked });
  await verifyPatches(ctx, request, { patches, hooked, scratch: path.join(scratch.path, "tree") });
  const written = [
    ...(await copyChanged(patches, await readdir(patches), series.directory)),
    ...(await copyChanged(tree, added, series.overlay)),
  ];
  const removed = [
    ...(await removeOthers(
      series.directory,
      listPatches(series).map((file) => path.basename(file)),
      await readdir(patches),
    )),
    ...(await removeOthers(series.overlay, await listTree(series.overlay), added)),
  ];
  await saveRecord(ctx, tree, await describeTree(series, source));
  return { written, removed };
}

/** Every file of the source that a commit touches, and every file that the source has not. */
async function findChangedFiles(ctx: Context, tree: string) {
  const touched = await listGit(ctx, tree, [
    ...["log", "--format=", "--name-only", "--no-renames", "-z", `${sourceRef}..HEAD`],
  ]);
  const hooked =
    touched.length === 0
      ? []
      : await listGit(ctx, tree, ["ls-tree", "-r", "-z", "--name-only", sourceRef, "--", ...touched]);
  const added = await listGit(ctx, tree, [
    ...["diff", "--name-only", "--diff-filter=A", "--no-renames", "-z", sourceRef, "HEAD"],
  ]);
  return { hooked, added };
}

interface Verification {
  readonly patches: string;
  readonly hooked: readonly string[];
  /** For a tree of the files that the patches touch. */
  readonly scratch: string;
}

async function verifyPatches(
  ctx: Context,
  { source, directory }: EditRequest,
  { patches, hooked, scratch }: Verification,
): Promise<void> {
  await mkdir(scratch);
  for (const name of hooked) {
    await mkdir(path.dirname(path.join(scratch, name)), { recursive: true });
    await copyFile(path.join(source.path, name), path.join(scratch, name));
  }
  for (const name of (await readdir(patches)).sort())
    await applyPatch(ctx, scratch, path.join(patches, name), `linux ${source.version}`);
  for (const name of hooked)
    if ((await describeFile(path.join(scratch, name))) !== (await describeFile(path.join(directory, name))))
      throw invalidTree(directory, `its patches do not give the ${name} that is in it`, "git log -p");
}

/** Copies what differs. Returns its names. */
async function copyChanged(source: string, names: readonly string[], target: string): Promise<string[]> {
  const written: string[] = [];
  for (const name of [...names].sort()) {
    const [from, to] = [path.join(source, name), path.join(target, name)];
    if ((await describeFile(from)) === (await describeFile(to))) continue;
    await mkdir(path.dirname(to), { recursive: true });
    await copyFile(from, to);
    written.push(name);
  }
  return written;
}

/** Removes what is there and not wanted. Returns its names. */
async function removeOthers(directory: string, present: readonly string[], wanted: readonly string[]) {
  const removed = present.filter((name) => !wanted.includes(name));
  for (const name of removed) await rm(path.join(directory, name));
  return removed;
}

/** What git keeps of a file: its bytes and whether it is a program; undefined when there is none. */
async function describeFile(file: string): Promise<string | undefined> {
  const status = await stat(file).catch(() => undefined);
  if (status === undefined) return undefined;
  return `${(status.mode & 0o100) === 0 ? "file" : "program"} ${await readFile(file, "latin1")}`;
}
