// SPDX-License-Identifier: Apache-2.0
/**
 * The cache: a directory for each content hash of its inputs. An entry is built beside its
 * place and published by rename with its manifest written last, so that what has the right name
 * is complete. A lock lets one process build while others wait for the result.
 */

import { readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { type Context, withLock, withLog } from "./context.js";
import { takeFileLock } from "./file-lock.js";
import { hashJson, type Json } from "./hash.js";
import { makeDirectory } from "./make-directory.js";
import { requireSpace } from "./require-space.js";
import { explainSystemError, isSystemError } from "./system-error.js";

export interface CacheRequest {
  /** The noun of the pipeline: the folder in the cache ("kernel", "toolchain"). */
  readonly kind: string;
  /** For people: the start of the entry's folder name ("6.12-ukl"). Letters, digits, dots, hyphens, plus, underscores. */
  readonly name: string;
  /** Everything that the result depends on; its hash is the entry's key. */
  readonly inputs: Json;
  /** What the log calls the build: "Building the kernel 6.12". */
  readonly title: string;
  /** Fills `entry.directory`, which is empty (or, if resumable, as the last attempt left it). */
  readonly build: (ctx: Context, entry: CacheBuild) => Promise<void>;
  /** Whether a published entry is sound; a false or a rejection has it rebuilt. Must be fast. */
  readonly verify?: (directory: string) => Promise<boolean>;
  /** What the build takes at most on the disk, about; it is not begun with less. */
  readonly neededMib?: number;
  /** Keep what an interrupted or failed attempt has done, and go on from there. */
  readonly resumable?: boolean;
}

export interface CacheBuild {
  /** Where to build. */
  readonly directory: string;
  /** Where the entry will be found afterwards, for paths that end up inside files. */
  readonly path: string;
  readonly key: string;
  /** For the output of commands; survives a failure. */
  readonly logFile: string;
}

export interface CacheEntry {
  readonly path: string;
  /** SHA-256 of kind, name and inputs. */
  readonly key: string;
  readonly inputs: Json;
  /** Whether it was there already. */
  readonly hit: boolean;
}

/** Written last into an entry: what it was made of, and when. */
export const manifestName = "manifest.json";

const manifestSchema = z.object({ key: z.string(), inputs: z.json(), createdAt: z.string() });

/** What is not in the cache, for those who asked to build nothing. */
export class NotCachedError extends Error {
  override readonly name = "NotCachedError";
}

/**
 * Returns the entry for these inputs, building it if it is not there or not sound.
 *
 * @throws NotCachedError when it would have to be built, and the context has `cachedOnly`
 */
export async function cached(ctx: Context, request: CacheRequest): Promise<CacheEntry> {
  const key = cacheKey(request);
  const place = path.join(ctx.cacheDir, request.kind, `${request.name}-${key.slice(0, 16)}`);
  const entry = { path: place, key, inputs: request.inputs };
  if (await isSound(place, key, request)) {
    // To look is not to use.
    if (!ctx.cachedOnly) await markUsed(place);
    return { ...entry, hit: true };
  }
  if (ctx.cachedOnly) throw new NotCachedError(`${request.kind} ${request.name} is not in the cache`);
  try {
    await using lock = await takeFileLock(ctx, `${place}.lock`, `build ${request.kind} ${request.name}`);
    // Whoever held the lock may have built it meanwhile.
    if (await isSound(place, key, request)) return { ...entry, hit: true };
    await discardUnsound(ctx, place);
    if (request.neededMib !== undefined)
      await requireSpace(path.dirname(place), request.neededMib, `build ${request.kind} ${request.name}`);
    const inside = withLock(ctx, lock.fd);
    await ctx.log.step(request.title, (log) => buildEntry(withLog(inside, log), request, place, key));
  } catch (error) {
    throw explainSystemError(error, `build ${request.kind} "${request.name}" in the cache`);
  }
  return { ...entry, hit: false };
}

/** The key that `cached` gives to these inputs. */
export function cacheKey({ kind, name, inputs }: Pick<CacheRequest, "kind" | "name" | "inputs">): string {
  return hashJson({ kind, name, inputs });
}

async function buildEntry(ctx: Context, request: CacheRequest, place: string, key: string): Promise<void> {
  const directory = `${place}.building`;
  const logFile = path.join(ctx.cacheDir, "logs", `${request.kind}-${path.basename(place)}.log`);
  if (request.resumable !== true) await rm(directory, { recursive: true, force: true });
  await rm(logFile, { force: true });
  await makeDirectory(directory);
  try {
    await request.build(ctx, { directory, path: place, key, logFile });
    ctx.signal.throwIfAborted();
    const manifest = { key, inputs: request.inputs, createdAt: new Date().toISOString() };
    await writeFile(path.join(directory, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(directory, place);
  } catch (error) {
    if (request.resumable !== true) await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function isSound(place: string, key: string, request: CacheRequest): Promise<boolean> {
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(path.join(place, manifestName), "utf8")));
    return manifest.key === key && ((await request.verify?.(place)) ?? true);
  } catch {
    return false;
  }
}

async function discardUnsound(ctx: Context, place: string): Promise<void> {
  const doomed = `${place}.damaged`;
  await rm(doomed, { recursive: true, force: true });
  try {
    await rename(place, doomed);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return;
    throw error;
  }
  ctx.log.warn(`The cache entry "${place}" is damaged and is built again`);
  await rm(doomed, { recursive: true, force: true });
}

/** The manifest's time of modification is the entry's last use: `ukl cache prune` goes by it. */
async function markUsed(place: string): Promise<void> {
  const now = new Date();
  // A cache that can only be read is still a cache.
  await utimes(path.join(place, manifestName), now, now).catch(() => {});
}
