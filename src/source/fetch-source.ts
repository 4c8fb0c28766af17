// SPDX-License-Identifier: Apache-2.0
/** Makes a declared source available as a directory. */

import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import { type CacheBuild, cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes, type Json } from "../host/hash.js";
import { fetchDebianBinary } from "./fetch-debian-binary.js";
import { fetchDebianSource } from "./fetch-debian-source.js";
import { fetchTarball } from "./fetch-tarball.js";
import { listSource } from "./list-source.js";
import { describeOrigin } from "./private-apt.js";
import type { DebianSpec, DirectorySpec, FetchedSource, SourceSpec, TarballSpec } from "./source-spec.js";

/**
 * Fetches and unpacks a source, once: what is in the cache is used without the network, and
 * stays in its version until the entry is removed.
 *
 * @throws UklError SOURCE_NOT_FOUND, SOURCE_FETCH_FAILED or SOURCE_CHECKSUM_MISMATCH
 */
export async function fetchSource(ctx: Context, spec: SourceSpec): Promise<FetchedSource> {
  if (spec.kind === "directory") return findDirectory(spec);
  const name = spec.kind === "tarball" ? path.basename(new URL(spec.url).pathname) : spec.package;
  const entry = await cached(ctx, {
    kind: "source",
    name,
    inputs: await describeInputs(ctx, spec),
    title: `Fetching ${name}`,
    build: async (ctx, build) => {
      const tree = path.join(build.directory, treeName);
      const fetched = await fetchInto(ctx, spec, tree, build);
      await writeFile(path.join(build.directory, recordName), `${JSON.stringify(fetched)}\n`);
    },
    verify: async (directory) => {
      await loadRecord(directory);
      return (await stat(path.join(directory, treeName))).isDirectory();
    },
  });
  const record = await loadRecord(entry.path);
  return { path: path.join(entry.path, treeName), name, ...record, files: undefined };
}

/** What was fetched: written beside the tree. */
export type SourceRecord = z.infer<typeof recordSchema>;

const treeName = "tree";
const recordName = "source.json";
const recordSchema = z.object({ version: z.string(), sha256: z.string() });

async function loadRecord(directory: string): Promise<SourceRecord> {
  return recordSchema.parse(JSON.parse(await readFile(path.join(directory, recordName), "utf8")));
}

/** Two distributions, or two mirrors, may have different things under one name. */
async function describeInputs(ctx: Context, spec: DebianSpec | TarballSpec): Promise<Json> {
  if (spec.kind === "tarball") return { ...spec };
  const { kind, package: name, version, dependencies = false, release } = spec;
  const origin = await describeOrigin(ctx, name);
  const options = {
    ...(dependencies ? { dependencies } : {}),
    ...(release === undefined ? {} : { release }),
  };
  return { kind, package: name, version: version ?? null, ...options, origin };
}

function fetchInto(
  ctx: Context,
  spec: DebianSpec | TarballSpec,
  tree: string,
  build: CacheBuild,
): Promise<SourceRecord> {
  if (spec.kind === "tarball") return fetchTarball(ctx, spec, tree, build);
  return (spec.kind === "debian-binary" ? fetchDebianBinary : fetchDebianSource)(ctx, spec, tree, build);
}

async function findDirectory(spec: DirectorySpec): Promise<FetchedSource> {
  const status = await stat(spec.path).catch(() => undefined);
  if (status?.isDirectory() !== true) {
    const state = status === undefined ? "does not exist" : "is not a directory";
    throw new UklError("SOURCE_NOT_FOUND", `Cannot find the source: "${spec.path}" ${state}`);
  }
  const files = await listSource(spec.path, spec.except ?? []);
  const sha256 = hashBytes(files.map(({ name, content }) => `${name} ${content}\n`).join(""));
  return { path: spec.path, name: path.basename(spec.path), version: "", sha256, files };
}
