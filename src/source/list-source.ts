// SPDX-License-Identifier: Apache-2.0
/**
 * What belongs to a source that is a directory of the user's: not its version control, and nothing that a build in place
 * has left there. Objects of another compiler would be newer than their source, and make would link them.
 */

import { open, readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { hashFile } from "../host/hash.js";

export interface SourceFile {
  /** Relative to the source. */
  readonly name: string;
  /** Kind and hash; of a link, its target. */
  readonly content: string;
}

/**
 * Lists the files and links of a source, sorted by code unit.
 *
 * @param except files and directories that do not belong to it, relative to it
 */
export async function listSource(directory: string, except: readonly string[]): Promise<SourceFile[]> {
  const left = new Set(except.map((name) => path.normalize(name).replace(/\/$/, "")));
  const found: SourceFile[] = [];
  await listInto(found, directory, "", left);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Version control, our own state, the packages that a configuration may import, and what configuring in place leaves: a
 * configure script refuses to work beside it.
 */
const notSource = new Set([
  ...[".git", ".hg", ".svn", ".ukl", "node_modules"],
  ...["config.status", "config.cache", "CMakeCache.txt"],
]);

async function listInto(
  found: SourceFile[],
  root: string,
  below: string,
  left: ReadonlySet<string>,
): Promise<void> {
  for (const entry of await readdir(path.join(root, below), { withFileTypes: true })) {
    const name = path.join(below, entry.name);
    const file = path.join(root, name);
    if (notSource.has(entry.name) || left.has(name)) continue;
    if (entry.isDirectory()) await listInto(found, root, name, left);
    else if (entry.isSymbolicLink()) found.push({ name, content: `link ${await readlink(file)}` });
    else if (entry.isFile()) {
      const kind = await kindOf(file);
      if (kind !== "built") found.push({ name, content: `${kind} ${await hashFile(file)}` });
    }
  }
}

/** The ELF types that a compiler or linker writes: objects, programs, shared libraries. */
const builtTypes: readonly number[] = [1, 2, 3];

async function kindOf(file: string): Promise<"file" | "program" | "built"> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(18), 0, 18, 0);
  if (bytesRead === 18 && buffer.toString("latin1", 0, 4) === "\x7fELF")
    return builtTypes.includes(buffer.readUInt16LE(16)) ? "built" : "file";
  return (await handle.stat()).mode & 0o100 ? "program" : "file";
}
