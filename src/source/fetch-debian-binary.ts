// SPDX-License-Identifier: Apache-2.0
/** A built package's files, without installing it. */

import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { CacheBuild } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashFile } from "../host/hash.js";
import { runCommand } from "../host/run-command.js";
import type { SourceRecord } from "./fetch-source.js";
import { findPackageVersion, packageNotFoundError } from "./find-package.js";
import { type AptIndex, type PrivateApt, usePrivateApt } from "./private-apt.js";
import type { DebianSpec } from "./source-spec.js";

/** Downloads a package, from the release or else its backports, and unpacks it to `tree`. */
export async function fetchDebianBinary(
  ctx: Context,
  spec: DebianSpec,
  tree: string,
  build: CacheBuild,
): Promise<SourceRecord> {
  for (const index of ["release", "backports"] as const satisfies readonly AptIndex[]) {
    const version = await usePrivateApt(ctx, index, (apt) => download(ctx, apt, spec, build));
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
  const version = await findPackageVersion(ctx, apt, spec);
  if (version === undefined) return undefined;
  await apt.run("apt-get", ["download", "--quiet", `${spec.package}=${version}`], {
    cwd: directory,
    logFile,
  });
  return version;
}

async function unpack(
  ctx: Context,
  version: string,
  tree: string,
  { directory, logFile }: CacheBuild,
): Promise<SourceRecord> {
  const name = (await readdir(directory)).find((file) => file.endsWith(".deb"));
  if (name === undefined) throw new Error(`apt-get download left no package in ${directory}`);
  const file = path.join(directory, name);
  const sha256 = await hashFile(file);
  await runCommand(ctx, "dpkg-deb", ["--extract", file, tree], { logFile });
  await rm(file);
  return { version, sha256 };
}
