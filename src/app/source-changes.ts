// SPDX-License-Identifier: Apache-2.0
/** What has changed in a source since it was built, and what of the last build that leaves usable. */

import { readdir } from "node:fs/promises";
import path from "node:path";
import type { SourceFile } from "../source/list-source.js";

export interface SourceChanges {
  readonly changed: readonly SourceFile[];
  /** Names. */
  readonly removed: readonly string[];
}

export function findChanges(before: readonly SourceFile[], now: readonly SourceFile[]): SourceChanges {
  const contents = new Map(before.map(({ name, content }) => [name, content]));
  const names = new Set(now.map(({ name }) => name));
  return {
    changed: now.filter(({ name, content }) => contents.get(name) !== content),
    removed: before.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}

/**
 * Decides what make can use of its last build: `nothing`, when what changed says how to build, or is a header and
 * nothing was kept of who includes it; `objects`, when code has changed, which must show in the program; `everything`,
 * when only files changed that make knows about or nobody does.
 *
 * @param tree the copy that make has built in
 */
export async function classifyChanges(
  { changed, removed }: SourceChanges,
  tree: string,
): Promise<"nothing" | "objects" | "everything"> {
  const names = [...changed.map(({ name }) => name), ...removed];
  if (names.some((name) => describesBuild.test(path.basename(name)))) return "nothing";
  // A file that is gone leaves its object behind.
  if (removed.some((name) => isCode.test(name))) return "nothing";
  if (names.some((name) => isHeader.test(name)) && !(await tracksHeaders(tree))) return "nothing";
  return names.some((name) => isCode.test(name) || isHeader.test(name)) ? "objects" : "everything";
}

/** Makefiles do not depend on themselves. */
const describesBuild =
  /^(GNU)?makefile|\.(mk|mak|am|ac|in|m4|cmake|sh|py|pl|awk)$|^configure|^CMakeLists\.txt$/i;
const isCode = /\.(c|cc|cpp|cxx|c\+\+|s|sx)$/i;
const isHeader = /\.(h|hh|hpp|hxx|inc|def|inl|tcc)$/i;

/** Whether the compiler wrote down which headers each object was made from (-MMD, automake's .deps, …). */
async function tracksHeaders(tree: string): Promise<boolean> {
  const entries = await readdir(tree, { recursive: true });
  return entries.some((name) => /\.d$|\.dep$|\.deps\/|\.Po$/.test(name));
}
