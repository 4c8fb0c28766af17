// SPDX-License-Identifier: Apache-2.0
/** Our side of one kernel version: new files, patches that hook them in, configuration fragments. */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { hashFile, hashJson, hashTree, listTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";

export interface Series {
  /** "6.12". */
  readonly version: string;
  /** The distribution's package with the unpatched kernel. */
  readonly sourcePackage: string;
  /** A directory of whole new files, the same for every version. */
  readonly overlay: string;
  /** Those of them that a kernel is built from, relative to the overlay. */
  readonly overlayFiles: readonly string[];
  /** Absolute, in the order in which they apply. */
  readonly patches: readonly string[];
  /** The configuration fragments of each of its kernels, in this order. */
  readonly fragments: readonly string[];
  /** Of what a kernel is built from: these files and the patches. */
  readonly hash: string;
}

export const defaultSeries = "6.12";

/** The fragments of the kernels of every series, applied to tinyconfig in this order. */
export const commonFragments: readonly string[] = ["base", "net", "storage"];

/** What our kernels have and the stock kernel has not. */
export const uklFragment = "ukl";

const seriesDirectory = packagePath("kernel", "series");
const overlayDirectory = packagePath("kernel", "overlay");

/** @throws UklError USAGE_INVALID when there is no such series */
export async function loadSeries(version: string = defaultSeries): Promise<Series> {
  const known = (await readdir(seriesDirectory)).sort();
  if (!known.includes(version)) {
    throw new UklError("USAGE_INVALID", `Cannot use kernel "${version}": there is no patch series for it`, {
      hint: `Choose one of: ${known.join(", ")}`,
    });
  }
  const directory = path.join(seriesDirectory, version);
  const patches = (await readdir(directory)).filter((name) => name.endsWith(".patch")).sort();
  const overlayFiles = (await listTree(overlayDirectory)).filter((name) => !isTest(name));
  return {
    version,
    sourcePackage: `linux-source-${version}`,
    overlay: overlayDirectory,
    overlayFiles,
    patches: patches.map((name) => path.join(directory, name)),
    fragments: [...commonFragments, ...(await listFragments()).filter((name) => name === version)],
    hash: hashJson([await hashFiles(overlayDirectory, overlayFiles), await hashTree(directory)]),
  };
}

/** Tests are built apart; changing one must not rebuild kernels. */
function isTest(name: string): boolean {
  return name.startsWith("tools/testing/");
}

async function hashFiles(directory: string, names: readonly string[]): Promise<string> {
  const hashes = names.map(async (name) => [name, await hashFile(path.join(directory, name))]);
  return hashJson(await Promise.all(hashes));
}

/**
 * Concatenates configuration fragments, kernel/config/NAME.config.
 *
 * @throws UklError USAGE_INVALID when there is no such fragment
 */
export async function loadFragments(names: readonly string[]): Promise<string> {
  const known = await listFragments();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UklError(
      "USAGE_INVALID",
      `Cannot use kernel fragment "${unknown}": there is none of that name`,
      {
        hint: `Choose of: ${known.join(", ")}`,
      },
    );
  }
  const texts = names.map((name) => readFile(packagePath("kernel", "config", `${name}.config`), "utf8"));
  return (await Promise.all(texts)).join("\n");
}

async function listFragments(): Promise<readonly string[]> {
  const suffix = ".config";
  const files = (await readdir(packagePath("kernel", "config"))).filter((file) => file.endsWith(suffix));
  return files.map((file) => file.slice(0, -suffix.length)).sort();
}

export interface LineCount {
  /** A hook patch or a file of the overlay, relative to its place in the kernel tree. */
  readonly name: string;
  readonly kind: "patch" | "kernel" | "test";
  readonly added: number;
  readonly removed: number;
  /** The part of `added` that is neither blank nor a comment; of patches, all of it. */
  readonly code: number;
}

/** Counts what we add to Linux, file by file. */
export async function countLines(series: Series): Promise<readonly LineCount[]> {
  const patches = series.patches.map(async (file): Promise<LineCount> => {
    const { added, removed } = countPatchLines(await readFile(file, "utf8"));
    return { name: path.basename(file), kind: "patch", added, removed, code: added };
  });
  const files = (await listTree(series.overlay)).map(async (name): Promise<LineCount> => {
    const text = await readFile(path.join(series.overlay, name), "utf8");
    const kind = isTest(name) ? "test" : "kernel";
    return { name, kind, added: text.split("\n").length - 1, removed: 0, code: countCode(text) };
  });
  return Promise.all([...patches, ...files]);
}

/** The lines that a git patch adds and removes: those within its hunks, as long as their headers say they are. */
export function countPatchLines(patch: string): { readonly added: number; readonly removed: number } {
  let [oldLeft, newLeft, added, removed] = [0, 0, 0, 0];
  for (const line of patch.split("\n")) {
    const header = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
    if (header !== null) [oldLeft, newLeft] = [Number(header[1] ?? 1), Number(header[2] ?? 1)];
    else if (oldLeft + newLeft === 0 || line.startsWith("\\")) continue;
    else if (line.startsWith("+")) [newLeft, added] = [newLeft - 1, added + 1];
    else if (line.startsWith("-")) [oldLeft, removed] = [oldLeft - 1, removed + 1];
    else [oldLeft, newLeft] = [oldLeft - 1, newLeft - 1];
  }
  return { added, removed };
}

/** Lines of C, assembly, Kconfig or make that are neither blank nor only a comment. */
function countCode(text: string): number {
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*(\/\/|# ).*$/gm, "");
  return withoutComments.split("\n").filter((line) => line.trim() !== "").length;
}
