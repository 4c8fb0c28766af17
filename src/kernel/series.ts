// SPDX-License-Identifier: Apache-2.0
/** Our side of one kernel version: new files, patches that hook them in, configuration fragments. */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { hashFile, hashJson, hashTree, listTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { parsePatchedFiles } from "./apply-patch.js";
import { type CompanionKind, findCompanionKind, findPatchKind } from "./companions.js";

export interface Series {
  /** "6.12". */
  readonly version: string;
  /** The distribution's package with the unpatched kernel. */
  readonly sourcePackage: string;
  /** The one with that kernel's configuration. */
  readonly configPackage: string;
  /** Where the patches are. */
  readonly directory: string;
  /** A directory of whole new files, the same for every version. */
  readonly overlay: string;
  /** Those of them that a kernel is built from, relative to the overlay. */
  readonly overlayFiles: readonly string[];
  /** The others: documentation, samples, tests. */
  readonly companionFiles: readonly string[];
  /** The patches that a kernel is built from; absolute, in the order in which they apply. */
  readonly patches: readonly string[];
  /** The others, which hook the companion files in. */
  readonly companionPatches: readonly string[];
  /** The configuration fragments of each of its kernels, in this order. */
  readonly fragments: readonly string[];
  /** Of what a kernel is built from: its files and its patches. */
  readonly hash: string;
}

export const defaultSeries = "6.12";

/** The fragments of the kernels of every series, applied to tinyconfig in this order. */
export const commonFragments: readonly string[] = ["base", "net", "storage"];

/** What our kernels have and the stock kernel has not. */
export const uklFragment = "ukl";

/**
 * @param kernelDirectory where series/ and overlay/ are
 * @throws UklError USAGE_INVALID when there is no such series
 */
export async function loadSeries(
  version: string = defaultSeries,
  kernelDirectory: string = packagePath("kernel"),
): Promise<Series> {
  const known = (await readdir(path.join(kernelDirectory, "series"))).sort();
  if (!known.includes(version)) {
    throw new UklError("USAGE_INVALID", `Cannot use kernel "${version}": there is no patch series for it`, {
      hint: `Choose one of: ${known.join(", ")}`,
    });
  }
  const directory = path.join(kernelDirectory, "series", version);
  const overlay = path.join(kernelDirectory, "overlay");
  const files = await listTree(overlay);
  const overlayFiles = files.filter((name) => findCompanionKind(name) === undefined);
  const { patches, companionPatches } = await loadPatches(directory);
  const skip = companionPatches.map((file) => path.basename(file));
  return {
    version,
    sourcePackage: `linux-source-${version}`,
    configPackage: `linux-config-${version}`,
    directory,
    overlay,
    overlayFiles,
    companionFiles: files.filter((name) => findCompanionKind(name) !== undefined),
    patches,
    companionPatches,
    fragments: [...commonFragments, ...(await listFragments()).filter((name) => name === version)],
    hash: hashJson([await hashFiles(overlay, overlayFiles), await hashTree(directory, { skip })]),
  };
}

/** All patches, in the order in which they apply. */
export function listPatches({ patches, companionPatches }: Series): string[] {
  return [...patches, ...companionPatches].sort();
}

async function loadPatches(directory: string): Promise<Pick<Series, "patches" | "companionPatches">> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".patch")).sort();
  const patches = await Promise.all(
    names.map(async (name) => {
      const file = path.join(directory, name);
      return { file, kind: findPatchKind(parsePatchedFiles(await readFile(file, "utf8"))) };
    }),
  );
  return {
    patches: patches.filter(({ kind }) => kind === undefined).map(({ file }) => file),
    companionPatches: patches.filter(({ kind }) => kind !== undefined).map(({ file }) => file),
  };
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
  /** A companion patch counts as what it hooks in. */
  readonly kind: "patch" | "kernel" | CompanionKind;
  readonly added: number;
  readonly removed: number;
  /** The part of `added` that is neither blank nor a comment; of patches, all of it. */
  readonly code: number;
}

/** Counts what we add to Linux, file by file. */
export async function countLines(series: Series): Promise<readonly LineCount[]> {
  const patches = listPatches(series).map(async (file): Promise<LineCount> => {
    const text = await readFile(file, "utf8");
    const { added, removed } = countPatchLines(text);
    const kind = findPatchKind(parsePatchedFiles(text)) ?? "patch";
    return { name: path.basename(file), kind, added, removed, code: added };
  });
  const files = (await listTree(series.overlay)).map(async (name): Promise<LineCount> => {
    const text = await readFile(path.join(series.overlay, name), "utf8");
    const kind = findCompanionKind(name) ?? "kernel";
    const code = kind === "documentation" ? 0 : countCode(text);
    return { name, kind, added: text.split("\n").length - 1, removed: 0, code };
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
