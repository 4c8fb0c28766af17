// SPDX-License-Identifier: Apache-2.0
/** A built package's files, without installing it. */

import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { CacheBuild } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes, hashFile } from "../host/hash.js";
import { runCommand } from "../host/run-command.js";
import type { SourceRecord } from "./fetch-source.js";
import { downloadFirst, findPackageVersions, packageNotFoundError } from "./find-package.js";
import { type AptIndex, type PrivateApt, usePrivateApt } from "./private-apt.js";
import type { DebianSpec } from "./source-spec.js";

/**
 * Downloads a package, from the release or else its backports, and unpacks it to `tree`; with what it depends on, if
 * that is wanted, into the same tree.
 */
export async function fetchDebianBinary(
  ctx: Context,
  spec: DebianSpec,
  tree: string,
  build: CacheBuild,
): Promise<SourceRecord> {
  for (const index of ["release", "backports"] as const satisfies readonly AptIndex[]) {
    const version = await usePrivateApt(ctx, { index }, (apt) => download(ctx, apt, spec, build));
    if (version !== undefined) return unpack(ctx, version, tree, build);
  }
  throw packageNotFoundError(spec, "the release or the backports");
}

/** Downloads into the entry, checked by apt against the signed lists; returns the version found. */
async function download(
  ctx: Context,
  apt: PrivateApt,
  spec: DebianSpec,
  { directory, logFile }: CacheBuild,
): Promise<string | undefined> {
  const versions = await findPackageVersions(ctx, apt, spec);
  if (versions.length === 0) return undefined;
  // To an apt that knows of nothing installed, installing is fetching all of it.
  const archives = ["-o", `Dir::Cache::archives=${directory}`, "-o", "Debug::NoLocking=true"];
  const command = spec.dependencies
    ? ["install", "--download-only", "--yes", "--no-install-recommends", ...archives, "--quiet"]
    : ["download", "--quiet"];
  return downloadFirst(ctx, spec.package, versions, (version) =>
    apt.run("apt-get", [...command, `${spec.package}=${version}`], { cwd: directory, logFile }),
  );
}

async function unpack(
  ctx: Context,
  version: string,
  tree: string,
  { directory, logFile }: CacheBuild,
): Promise<SourceRecord> {
  const names = (await readdir(directory)).filter((file) => file.endsWith(".deb")).sort();
  if (names.length === 0) throw new Error(`apt-get left no package in ${directory}`);
  const hashes: string[] = [];
  for (const name of names) {
    const file = path.join(directory, name);
    hashes.push(await hashFile(file));
    await runCommand(ctx, "dpkg-deb", ["--extract", file, tree], { logFile });
    await rm(file);
  }
  return { version, sha256: hashes.length === 1 ? (hashes[0] ?? "") : hashBytes(hashes.join("\n")) };
}
