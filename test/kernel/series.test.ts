// SPDX-License-Identifier: Apache-2.0
/** Our own series, on the distribution's source: through a git tree and back, and as patches for a mailing list. */

import { cp, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { listTree } from "../../src/host/hash.js";
import { packagePath } from "../../src/host/package-path.js";
import { parsePatchedFiles } from "../../src/kernel/apply-patch.js";
import { findCompanionKind } from "../../src/kernel/companions.js";
import { applyPatches, commitFiles, editSeries } from "../../src/kernel/edit-series.js";
import { exportSeries } from "../../src/kernel/export-series.js";
import { runGit } from "../../src/kernel/git.js";
import { type KernelSource, prepareKernelSource } from "../../src/kernel/prepare-source.js";
import { refreshSeries } from "../../src/kernel/refresh-series.js";
import { listPatches, loadSeries } from "../../src/kernel/series.js";
import { createTestDirectory } from "../test-directory.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

let stock: KernelSource;
let ours: KernelSource;
/** What our patches touch: all of the source that they need, of 1.5 GB. */
let patchedFiles: readonly string[];

beforeAll(async () => {
  const series = await loadSeries();
  stock = await prepareKernelSource(ctx, series, false);
  ours = await prepareKernelSource(ctx, series, true);
  const texts = await Promise.all(listPatches(series).map((patch) => readFile(patch, "utf8")));
  // The attributes decide which function a hunk is said to be in.
  patchedFiles = [".gitattributes", ".gitignore", ...new Set(texts.flatMap(parsePatchedFiles))];
});

async function copyPatchedFiles(target: string): Promise<string> {
  for (const name of patchedFiles) {
    await mkdir(path.dirname(path.join(target, name)), { recursive: true });
    await cp(path.join(stock.path, name), path.join(target, name));
  }
  return target;
}

async function readTree(directory: string): Promise<Record<string, string>> {
  const names = await listTree(directory);
  const texts = names.map(async (name) => [name, await readFile(path.join(directory, name), "utf8")]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

test("opened as a git tree and written back, not a byte has changed", async () => {
  await using directory = await createTestDirectory();
  const kernel = path.join(directory.path, "kernel");
  await cp(packagePath("kernel"), kernel, { recursive: true });
  const source = { ...stock, path: await copyPatchedFiles(path.join(directory.path, "source")) };
  const request = async () => ({
    series: await loadSeries(undefined, kernel),
    source,
    directory: path.join(directory.path, "tree"),
  });
  await editSeries(ctx, await request());
  expect(await refreshSeries(ctx, await request())).toEqual({ written: [], removed: [] });
  expect(await readTree(kernel)).toEqual(await readTree(packagePath("kernel")));
});

test("exported, it gives the tree that kernels are built from, and what comes with it", async () => {
  await using directory = await createTestDirectory();
  const series = await loadSeries();
  const output = path.join(directory.path, "output");
  const { patches, findings } = await exportSeries(ctx, { series, source: stock, directory: output });
  expect(await readFile(patches[0] ?? "", "utf8")).toMatch(
    new RegExp(`^Subject: \\[PATCH 00/${patches.length - 1}\\] x86: run trusted applications`, "m"),
  );

  const tree = await copyPatchedFiles(path.join(directory.path, "tree"));
  await runGit(ctx, tree, ["init", "--quiet"]);
  await commitFiles(ctx, tree, patchedFiles, "source");
  await applyPatches(ctx, tree, patches.slice(1), "the distribution's source");
  const changed = (await runGit(ctx, tree, ["ls-files"])).stdout.trimEnd().split("\n");
  const [built, companions] = [
    changed.filter((name) => findCompanionKind(name) === undefined),
    changed.filter((name) => series.companionFiles.includes(name)),
  ];
  expect(built.length).toBeGreaterThan(series.overlayFiles.length);
  expect(companions).toEqual(series.companionFiles);
  for (const [names, place] of [
    [built, ours.path],
    [companions, series.overlay],
  ] as const)
    for (const name of names)
      expect(await readFile(path.join(tree, name), "utf8"), name).toBe(
        await readFile(path.join(place, name), "utf8"),
      );

  // checkpatch has really looked at them: an entry in MAINTAINERS is for whoever submits.
  expect(findings.filter(({ type }) => type === "FILE_PATH_CHANGES")).not.toEqual([]);
  const open = findings.filter(({ allowed, level }) => allowed === undefined && level !== "CHECK");
  expect(open.filter(({ level }) => level === "ERROR")).toEqual([]);
  expect(open.filter(({ file = "" }) => findCompanionKind(file) !== undefined)).toEqual([]);
});
