// SPDX-License-Identifier: Apache-2.0
/**
 * The directory in the cache where a user's source is built, kept from one build to the next so that only what an edit
 * concerns is compiled again. It is begun afresh whenever an old object might be taken for a new one: a build system
 * that goes by times knows nothing of contents.
 */

import { copyFile, lstat, mkdir, readFile, readlink, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { cacheKey, manifestName } from "../host/cache.js";
import { type Context, withLock } from "../host/context.js";
import { takeFileLock } from "../host/file-lock.js";
import type { Json } from "../host/hash.js";
import { makeDirectory } from "../host/make-directory.js";
import type { SourceFile } from "../source/list-source.js";
import { classifyChanges, findChanges, type SourceChanges } from "./source-changes.js";

export interface BuildTreeRequest {
  readonly name: string;
  /** Everything but the source that the tree's content depends on. */
  readonly inputs: Json;
  readonly source: { readonly path: string; readonly files: readonly SourceFile[] };
  /** Whether the source is copied, to be built in place. */
  readonly copy: boolean;
}

export interface BuildTree {
  /** The source, or its copy. */
  readonly source: string;
  /** Where it is built: the copy, or a directory of its own. */
  readonly output: string;
  /** Nothing is left of an earlier build. */
  readonly fresh: boolean;
  /** Whether this change must show in the program: otherwise the build has overlooked it. */
  readonly expectsChange: boolean;
}

const stateSchema = z.object({
  files: z.array(z.object({ name: z.string(), content: z.string() })),
  /** In milliseconds; all objects are older. */
  builtBy: z.number(),
  /** A build began and has not come to an end, good or bad: what it left may be cut short. */
  building: z.boolean(),
});

type State = z.infer<typeof stateSchema>;

/**
 * Brings the tree up to date and builds in it, alone. When the build says that it has overlooked a change, it is
 * repeated in a fresh tree.
 *
 * @param build does the work; returns undefined when an incremental build cannot be trusted
 */
export async function withBuildTree<T>(
  ctx: Context,
  request: BuildTreeRequest,
  build: (ctx: Context, tree: BuildTree) => Promise<T | undefined>,
): Promise<T> {
  const { name, inputs } = request;
  const key = cacheKey({ kind: "app", name: `${name}-tree`, inputs: [inputs, request.source.path] });
  const place = path.join(ctx.cacheDir, "app", `${name}-tree-${key.slice(0, 16)}`);
  await using lock = await takeFileLock(ctx, `${place}.lock`, `build ${name}`);
  const inside = withLock(ctx, lock.fd);
  const result = await buildOnce(inside, request, place, build);
  if (result !== undefined) return result;
  ctx.log.detail(`The build of ${name} did not notice what has changed: it is built afresh`);
  await rm(place, { recursive: true, force: true });
  const again = await buildOnce(inside, request, place, build);
  if (again === undefined) throw new Error(`the fresh build of ${name} calls itself incremental`);
  return again;
}

async function buildOnce<T>(
  ctx: Context,
  request: BuildTreeRequest,
  place: string,
  build: (ctx: Context, tree: BuildTree) => Promise<T | undefined>,
): Promise<T | undefined> {
  const tree = await prepareTree(request, place);
  const files = [...request.source.files];
  await saveState(place, { files, builtBy: 0, building: true });
  try {
    return await build(ctx, tree);
  } finally {
    // Rounded up: files have dates of less than a millisecond.
    await saveState(place, { files, builtBy: Date.now() + 1, building: false });
  }
}

async function prepareTree(request: BuildTreeRequest, place: string): Promise<BuildTree> {
  const { source, copy } = request;
  const state = await loadState(place);
  const changes = state === undefined ? undefined : findChanges(state.files, source.files);
  const use =
    state === undefined || changes === undefined
      ? "nothing"
      : await chooseUse(request, place, state, changes);
  const fresh = use === "nothing";
  if (fresh) await rm(place, { recursive: true, force: true });
  const output = path.join(place, copy ? "source" : "build");
  await makeDirectory(output);
  if (copy) {
    if (fresh || changes === undefined) {
      await copyChanges(source.path, output, { changed: source.files, removed: [] });
    } else await copyChanges(source.path, output, changes, state?.builtBy);
  }
  return { source: copy ? output : source.path, output, fresh, expectsChange: use === "objects" };
}

/** What of an earlier build can be used after these changes. */
async function chooseUse(
  { source, copy }: BuildTreeRequest,
  place: string,
  state: State,
  changes: SourceChanges,
): Promise<"nothing" | "everything" | "objects"> {
  if (state.building) return "nothing";
  if (copy) return classifyChanges(changes, path.join(place, "source"));
  // These build systems know what depends on what, but a file that was edited while they built, or came with an old
  // date, looks unchanged to them.
  for (const { name } of changes.changed) {
    const { mtimeMs } = await lstat(path.join(source.path, name));
    if (mtimeMs < state.builtBy) return "nothing";
  }
  return "everything";
}

/**
 * Copies with the dates of the source, so that generated files stay newer than what they were generated from. A
 * changed file that may be older than the last build's objects gets a new date, lest make overlooks it.
 */
async function copyChanges(
  from: string,
  to: string,
  { changed, removed }: SourceChanges,
  builtBy = 0,
): Promise<void> {
  for (const name of removed) await rm(path.join(to, name), { recursive: true, force: true });
  for (const { name } of changed) {
    const [file, copy] = [path.join(from, name), path.join(to, name)];
    await rm(copy, { recursive: true, force: true });
    await mkdir(path.dirname(copy), { recursive: true });
    const status = await lstat(file);
    if (status.isSymbolicLink()) await symlink(await readlink(file), copy);
    else {
      await copyFile(file, copy);
      const date = status.mtimeMs >= builtBy ? status.mtime : new Date(Math.max(Date.now(), builtBy));
      await utimes(copy, date, date);
    }
  }
}

async function loadState(place: string): Promise<State | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(path.join(place, manifestName), "utf8")));
  } catch {
    return undefined;
  }
}

async function saveState(place: string, state: State): Promise<void> {
  await writeFile(path.join(place, manifestName), `${JSON.stringify(state)}\n`);
}
