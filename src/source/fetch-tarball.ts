// SPDX-License-Identifier: Apache-2.0
/** A tarball from anywhere, known by its hash. */

import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { CacheBuild } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashFile } from "../host/hash.js";
import { lastLines } from "../host/last-lines.js";
import { runCommand } from "../host/run-command.js";
import type { SourceRecord } from "./fetch-source.js";
import type { TarballSpec } from "./source-spec.js";

/** Downloads a tarball with apt's helper, which knows the machine's proxy, checks it, and unpacks it to `tree`. */
export async function fetchTarball(
  ctx: Context,
  { url, sha256 }: TarballSpec,
  tree: string,
  { directory, logFile }: CacheBuild,
): Promise<SourceRecord> {
  const file = path.join(directory, "download");
  const helper = "/usr/lib/apt/apt-helper";
  const result = await runCommand(ctx, helper, ["download-file", url, file], { logFile, allowFailure: true });
  if (result.exitCode !== 0) {
    throw new UklError(
      "SOURCE_FETCH_FAILED",
      `Cannot fetch "${url}": ${lastLines(result.stderr) || "the download failed"}`,
      {
        hint: `Read the log: ${logFile}`,
      },
    );
  }
  const found = await hashFile(file);
  if (found !== sha256) {
    throw new UklError(
      "SOURCE_CHECKSUM_MISMATCH",
      `Cannot use "${url}": its SHA-256 is ${found}, not ${sha256}`,
      { hint: "Correct the hash in the configuration if the new content is what you want" },
    );
  }
  await mkdir(tree);
  await runCommand(ctx, "tar", ["-xf", file, "-C", tree, "--strip-components=1"], { logFile });
  await rm(file);
  return { version: findVersion(url), sha256 };
}

/** "https://…/foo-1.2.3.tar.gz" → "1.2.3". */
function findVersion(url: string): string {
  return /-v?(\d[\w.]*?)\.(?:tar|tgz|tbz|txz)/.exec(url)?.[1] ?? "";
}
