// SPDX-License-Identifier: Apache-2.0
/** Chooses among the versions of a package that an archive offers. */

import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { parseDeb822 } from "./parse-deb822.js";
import { findInstalledVersion, type PrivateApt } from "./private-apt.js";
import type { DebianSpec } from "./source-spec.js";

/** Finds the version to take from the open index; undefined when none there would do. */
export async function findPackageVersion(
  ctx: Context,
  apt: PrivateApt,
  spec: DebianSpec,
): Promise<string | undefined> {
  const args = spec.kind === "debian-source" ? ["showsrc", "--only-source"] : ["show"];
  const shown = await apt.run("apt-cache", [...args, spec.package], { allowFailure: true });
  const versions = parseDeb822(shown.stdout).flatMap(({ version }) => version ?? []);
  const { version: wanted } = spec;
  if (wanted !== undefined)
    return findNewest(
      ctx,
      versions.filter((version) => isVersion(version, wanted)),
    );
  const installed = await findInstalledVersion(ctx, spec.package);
  if (installed === undefined) return findNewest(ctx, versions);
  if (versions.includes(installed)) return installed;
  const near = await findNewest(
    ctx,
    versions.filter((version) => isVersion(version, upstreamVersion(installed))),
  );
  if (near !== undefined) ctx.log.warn(`There is no ${spec.package} ${installed}; ${near} is used`);
  return near;
}

/** The error when no index has it. */
export function packageNotFoundError(spec: DebianSpec, where: string): UklError {
  const version = spec.version === undefined ? "" : ` ${spec.version}`;
  const what = spec.kind === "debian-source" ? "source package" : "package";
  return new UklError(
    "SOURCE_NOT_FOUND",
    `Cannot find ${what} "${spec.package}"${version}: it is not in ${where} of this distribution's mirrors`,
    { hint: "Choose a mirror that has it: UKL_DEBIAN_MIRROR=URI ukl …" },
  );
}

/** "5:7.0.15-1~deb12u5" → "7.0.15". */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
}

function isVersion(version: string, wanted: string): boolean {
  return version === wanted || upstreamVersion(version) === wanted;
}

/** Only dpkg itself orders versions as Debian does. */
async function findNewest(ctx: Context, versions: readonly string[]): Promise<string | undefined> {
  let newest: string | undefined;
  for (const version of new Set(versions)) {
    if (newest === undefined || (await isNewer(ctx, version, newest))) newest = version;
  }
  return newest;
}

async function isNewer(ctx: Context, version: string, other: string): Promise<boolean> {
  const compare = ["--compare-versions", version, "gt", other];
  return (await runCommand(ctx, "dpkg", compare, { allowFailure: true })).exitCode === 0;
}
