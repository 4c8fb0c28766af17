// SPDX-License-Identifier: Apache-2.0
/** Makes patches for a mailing list of a series: with the overlay as patches of its own, and a cover letter. */

import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../host/context.js";
import { makeDirectory } from "../host/make-directory.js";
import { packagePath } from "../host/package-path.js";
import { isSystemError } from "../host/system-error.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import { parsePatchedFiles } from "./apply-patch.js";
import { checkPatches, type StyleFinding } from "./checkpatch.js";
import { findCompanionKind } from "./companions.js";
import { applyPatches, commitFiles, type EditRequest } from "./edit-series.js";
import { formatPatches } from "./format-patches.js";
import { listGit, runGit } from "./git.js";
import { copyOverlay } from "./prepare-source.js";
import { listPatches } from "./series.js";
import { requireEmptyDirectory } from "./series-tree.js";

export interface ExportResult {
  /** Absolute, the cover letter first. */
  readonly patches: readonly string[];
  readonly findings: readonly StyleFinding[];
}

/**
 * Writes the patches: the code, the hooks that build it, then documentation, samples and tests, then what hooks these
 * in. Each is checked by the kernel's own checkpatch.
 *
 * @throws UklError USAGE_INVALID when the directory is in use
 * @throws UklError KERNEL_PATCH_REJECTED
 */
export async function exportSeries(ctx: Context, request: EditRequest): Promise<ExportResult> {
  const { source, directory } = request;
  await requireEmptyDirectory(directory, "export to");
  await using tree = await createTemporaryDirectory("export");
  await commitSeries(ctx, request, tree.path);
  await makeDirectory(directory);
  await formatPatches(ctx, tree.path, {
    range: `${baseTag}..${branch}`,
    output: directory,
    files: await listGit(ctx, tree.path, ["ls-files", "-z"]),
    options: ["--numbered", "--cover-letter", "--cover-from-description=subject"],
  });
  const patches = (await readdir(directory)).sort().map((name) => path.join(directory, name));
  // The cover letter is no patch.
  return { patches, findings: await checkPatches(ctx, source.path, patches.slice(1)) };
}

const branch = "ukl";
const baseTag = "base";

/** Of a kernel's tree, the commits need no more than the files that the patches touch. */
async function commitSeries(ctx: Context, { series, source }: EditRequest, tree: string): Promise<void> {
  const name = `linux ${source.version}`;
  await runGit(ctx, tree, ["init", "--quiet", `--initial-branch=${branch}`]);
  await commitFiles(ctx, tree, await copyPatchedFiles(listPatches(series), source.path, tree), name);
  await runGit(ctx, tree, ["tag", baseTag]);

  const commitOverlay = async (names: readonly string[], message: string): Promise<void> => {
    if (names.length === 0) return;
    await copyOverlay(series.overlay, names, tree);
    await commitFiles(ctx, tree, names, await loadText(message, source.version));
  };
  await commitOverlay(series.overlayFiles, "code");
  await applyPatches(ctx, tree, series.patches, name);
  for (const kind of ["documentation", "sample", "test"] as const)
    await commitOverlay(
      series.companionFiles.filter((file) => findCompanionKind(file) === kind),
      kind,
    );
  await applyPatches(ctx, tree, series.companionPatches, name);
  const coverLetter = await loadText("cover-letter", source.version);
  await runGit(ctx, tree, ["config", `branch.${branch}.description`, coverLetter]);
}

/** Returns the names of those that exist; a patch may also make files. */
async function copyPatchedFiles(patches: readonly string[], source: string, tree: string): Promise<string[]> {
  const texts = await Promise.all(patches.map((patch) => readFile(patch, "utf8")));
  const copied: string[] = [];
  // The attributes decide which function a hunk is said to be in.
  for (const name of new Set([".gitattributes", ...texts.flatMap(parsePatchedFiles)])) {
    const target = path.join(tree, name);
    await mkdir(path.dirname(target), { recursive: true });
    try {
      await copyFile(path.join(source, name), target);
      copied.push(name);
    } catch (error) {
      if (!isSystemError(error, "ENOENT")) throw error;
    }
  }
  return copied;
}

/** A message of kernel/export, without the lines that begin with "#". */
async function loadText(name: string, version: string): Promise<string> {
  const text = await readFile(packagePath("kernel", "export", `${name}.txt`), "utf8");
  return text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("@VERSION@", version)
    .trim();
}
