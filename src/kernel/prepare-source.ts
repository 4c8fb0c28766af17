// SPDX-License-Identifier: Apache-2.0
/** Unpacks kernel sources: the distribution's as they are, and a copy with our files and patches. */

import { copyFile, mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { type CacheEntry, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { fetchSource } from "../source/fetch-source.js";
import { applyPatch } from "./apply-patch.js";
import type { Series } from "./series.js";

export interface KernelSource {
  /** The tree; never built in. */
  readonly path: string;
  /** "6.12.117". */
  readonly version: string;
  readonly key: string;
}

/** @throws UklError SOURCE_*, KERNEL_PATCH_REJECTED */
export async function prepareKernelSource(ctx: Context, series: Series, ukl: boolean): Promise<KernelSource> {
  const stock = await unpackStockSource(ctx, series);
  const entry = ukl ? await patchSource(ctx, series, stock) : stock;
  const tree = path.join(entry.path, treeName);
  return { path: tree, version: await loadVersion(tree), key: entry.key };
}

const treeName = "linux";

async function unpackStockSource(ctx: Context, series: Series): Promise<CacheEntry> {
  const source = await fetchSource(ctx, { kind: "debian-binary", package: series.sourcePackage });
  const archive = path.join(source.path, "usr", "src", `${series.sourcePackage}.tar.xz`);
  return cached(ctx, {
    kind: "kernel-source",
    name: series.version,
    inputs: { source: source.sha256 },
    title: `Unpacking the kernel's source (${series.version})`,
    neededMib: 2_000,
    build: async (ctx, { directory, logFile }) => {
      const tree = path.join(directory, treeName);
      await mkdir(tree);
      await runCommand(ctx, "tar", ["-xf", archive, "-C", tree, "--strip-components=1"], { logFile });
    },
  });
}

function patchSource(ctx: Context, series: Series, stock: CacheEntry): Promise<CacheEntry> {
  return cached(ctx, {
    kind: "kernel-source",
    name: `${series.version}-ukl`,
    inputs: { stock: stock.key, series: series.hash },
    title: `Applying the patch series ${series.version}`,
    build: async (ctx, { directory, logFile }) => {
      const tree = path.join(directory, treeName);
      // Hard links: a second 1.5 GB would be wasted. Nothing below writes into a file in place.
      await runCommand(ctx, "cp", ["-al", path.join(stock.path, treeName), tree], { logFile });
      await copyOverlay(series.overlay, series.overlayFiles, tree);
      const name = `linux ${await loadVersion(tree)}`;
      for (const patch of series.patches) await applyPatch(ctx, tree, patch, name);
    },
  });
}

/**
 * Copies files of the overlay into a kernel's tree.
 *
 * @throws UklError KERNEL_PATCH_REJECTED when the tree has one of that name
 */
export async function copyOverlay(overlay: string, names: readonly string[], tree: string): Promise<void> {
  for (const name of names) {
    const target = path.join(tree, name);
    if ((await stat(target).catch(() => undefined)) !== undefined)
      throw new UklError(
        "KERNEL_PATCH_REJECTED",
        `Cannot add "${name}" to the kernel: it has a file of that name`,
      );
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(path.join(overlay, name), target);
  }
}

/** VERSION.PATCHLEVEL.SUBLEVEL of the tree's Makefile. */
async function loadVersion(tree: string): Promise<string> {
  const makefile = await readFile(path.join(tree, "Makefile"), "utf8");
  return ["VERSION", "PATCHLEVEL", "SUBLEVEL"]
    .map((name) => makefile.match(new RegExp(`^${name} = (\\d+)$`, "m"))?.[1] ?? "?")
    .join(".");
}
