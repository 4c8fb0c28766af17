// SPDX-License-Identifier: Apache-2.0
/** Content hashes: SHA-256 as lower-case hexadecimal everywhere. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";

/** A value that JSON can hold; what a content hash is made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export function hashBytes(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Hashes a JSON value; the order of an object's keys does not matter. */
export function hashJson(value: Json): string {
  return hashBytes(canonicalJson(value));
}

/** Hashes a file's content without holding it in memory. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

export interface HashTreeOptions {
  /** Names at the top of the directory that do not belong to it. */
  readonly skip?: readonly string[];
}

/**
 * Hashes a directory: the names, kinds, contents and execute bits below it; not times,
 * owners or where it lies. A directory that does not exist hashes like an empty one.
 */
export async function hashTree(directory: string, { skip = [] }: HashTreeOptions = {}): Promise<string> {
  const lines: string[] = [];
  for (const name of await listTree(directory))
    if (!skip.includes(name.split(path.sep, 1)[0] as string))
      lines.push(await describeEntry(directory, name));
  return hashBytes(lines.join("\n"));
}

/** The files and links below a directory, relative, sorted by code unit; empty when it does not exist. */
export async function listTree(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function describeEntry(directory: string, name: string): Promise<string> {
  const file = path.join(directory, name);
  const status = await lstat(file);
  if (status.isSymbolicLink()) return `link ${name} ${await readlink(file)}`;
  const kind = status.mode & 0o100 ? "program" : "file";
  return `${kind} ${name} ${await hashFile(file)}`;
}

function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}
