// SPDX-License-Identifier: Apache-2.0
/** A source package, as the distribution builds it: upstream's tarball with the distribution's patches. */

import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { CacheBuild } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashFile } from "../host/hash.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import type { SourceRecord } from "./fetch-source.js";
import { downloadFirst, findPackageVersions, findSourceName, packageNotFoundError } from "./find-package.js";
import { usePrivateApt } from "./private-apt.js";
import type { DebianSpec } from "./source-spec.js";

/** Downloads a source package and unpacks it to `tree`, patches applied. */
export async function fetchDebianSource(
  ctx: Context,
  spec: DebianSpec,
  tree: string,
  build: CacheBuild,
): Promise<SourceRecord> {
  await requireTools(ctx, ["dpkg-source"]);
  const downloads = path.join(build.directory, "downloads");
  const version = await usePrivateApt(ctx, { index: "source", release: spec.release }, async (apt) => {
    const versions = await findPackageVersions(ctx, apt, spec);
    if (versions.length === 0)
      throw packageNotFoundError(spec, "the sources", await findSourceName(apt, spec.package));
    return downloadFirst(ctx, spec.package, versions, async (version) => {
      // A version that could not be had may have left some of its files.
      await rm(downloads, { recursive: true, force: true });
      await mkdir(downloads);
      const args = ["source", "--download-only", "--only-source", "--quiet", `${spec.package}=${version}`];
      await apt.run("apt-get", args, { cwd: downloads, logFile: build.logFile });
    });
  });
  const name = (await readdir(downloads)).find((file) => file.endsWith(".dsc"));
  if (name === undefined) throw new Error(`apt-get source left no .dsc in ${downloads}`);
  const description = path.join(downloads, name);
  // apt has checked the files against the signed lists; the maintainer's own signature needs a keyring that few have.
  await runCommand(ctx, "dpkg-source", ["--no-check", "--extract", description, tree], {
    logFile: build.logFile,
  });
  const sha256 = await hashFile(description);
  await rm(downloads, { recursive: true });
  return { version, sha256 };
}
