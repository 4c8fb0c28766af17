// SPDX-License-Identifier: Apache-2.0
/** What is in the cache, and how to let go of it. */

import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { manifestName } from "./cache.js";
import type { Context } from "./context.js";
import { tryFileLock } from "./file-lock.js";
import { runCommand } from "./run-command.js";
import { explainSystemError, isSystemError } from "./system-error.js";

export interface CachedEntry {
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  /** Unfinished: an attempt that was interrupted, which a resumable build goes on from. */
  readonly state: "complete" | "unfinished";
  /** On the disk; what several entries share is counted for the first of them. */
  readonly sizeBytes: number;
  /** ISO 8601; of unfinished ones, when they were last added to. */
  readonly lastUsedAt: string;
}

export interface PruneRequest {
  /** Only this kind. */
  readonly kind?: string | undefined;
  /** Only what has not been used for so long. */
  readonly unusedForMs: number;
  readonly dryRun?: boolean;
}

/** Lists the cache's entries by kind and name. */
export async function listCacheEntries(ctx: Context): Promise<CachedEntry[]> {
  return measure(ctx, await findEntries(ctx));
}

/** Removes entries that nobody builds at the moment; returns those removed (or, on a dry run, to be removed). */
export async function pruneCache(ctx: Context, request: PruneRequest): Promise<CachedEntry[]> {
  const before = Date.now() - request.unusedForMs;
  const isChosen = ({ kind, lastUsedAt }: FoundEntry): boolean =>
    (request.kind === undefined || kind === request.kind) && Date.parse(lastUsedAt) <= before;
  const found = await findEntries(ctx);
  // Measuring reads the whole cache.
  if (!found.some(isChosen)) return [];
  const removed: CachedEntry[] = [];
  for (const entry of (await measure(ctx, found)).filter(isChosen)) {
    if (request.dryRun === true || (await removeEntry(ctx, entry))) removed.push(entry);
  }
  return removed;
}

/** What `cached` names its folders: a name, a hyphen, 16 digits of the key. */
const folderPattern = /^(.+)-[0-9a-f]{16}(\.building|\.damaged)?$/;

type FoundEntry = Omit<CachedEntry, "sizeBytes">;

async function findEntries(ctx: Context): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  for (const kind of await readDirectory(ctx.cacheDir))
    for (const folder of await readDirectory(path.join(ctx.cacheDir, kind))) {
      const entry = await findEntry(path.join(ctx.cacheDir, kind, folder), kind);
      if (entry !== undefined) found.push(entry);
    }
  return found;
}

async function findEntry(place: string, kind: string): Promise<FoundEntry | undefined> {
  const [, name, suffix] = folderPattern.exec(path.basename(place)) ?? [];
  if (name === undefined) return undefined;
  const used = await stat(path.join(place, manifestName)).catch(() => stat(place));
  const state = suffix === undefined ? "complete" : "unfinished";
  return { kind, name, path: place, state, lastUsedAt: used.mtime.toISOString() };
}

async function removeEntry(ctx: Context, entry: CachedEntry): Promise<boolean> {
  const place = entry.path.replace(/\.(building|damaged)$/, "");
  try {
    // The lock's file stays: somebody may be waiting on it.
    await using lock = await tryFileLock(ctx, `${place}.lock`);
    if (lock === undefined) return false;
    // Without its manifest it is no entry any more, whatever interrupts the rest.
    await rm(path.join(entry.path, manifestName), { force: true });
    await rm(entry.path, { recursive: true, force: true });
    return true;
  } catch (error) {
    throw explainSystemError(error, `remove "${entry.path}"`);
  }
}

async function measure(ctx: Context, entries: readonly FoundEntry[]): Promise<CachedEntry[]> {
  if (entries.length === 0) return [];
  const places = entries.map((entry) => entry.path);
  // One call, so that hard links between entries count once.
  const du = await runCommand(ctx, "du", ["-s", "--block-size=1", "--", ...places], { allowFailure: true });
  const sizes = new Map(du.stdout.split("\n").map((line) => line.split("\t").reverse() as [string, string]));
  return entries.map((entry) => ({ ...entry, sizeBytes: Number(sizes.get(entry.path) ?? 0) }));
}

async function readDirectory(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}
