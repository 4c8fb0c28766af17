// SPDX-License-Identifier: Apache-2.0
/** Chooses among the versions of a package that an archive offers. */

import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { parseDeb822 } from "./parse-deb822.js";
import { findInstalledVersion, type PrivateApt } from "./private-apt.js";
import type { DebianSpec } from "./source-spec.js";

/** The versions in the open index that would do, the best first. */
export async function findPackageVersions(
  ctx: Context,
  apt: PrivateApt,
  spec: DebianSpec,
): Promise<string[]> {
  const args = spec.kind === "debian-source" ? ["showsrc", "--only-source"] : ["show"];
  const shown = await apt.run("apt-cache", [...args, spec.package], { allowFailure: true });
  const versions = parseDeb822(shown.stdout).flatMap(({ version }) => version ?? []);
  const { version: wanted } = spec;
  if (wanted !== undefined)
    return sortNewestFirst(
      ctx,
      versions.filter((version) => isVersion(version, wanted)),
    );
  const installed = await findInstalledVersion(ctx, spec.package);
  if (installed === undefined) return sortNewestFirst(ctx, versions);
  if (versions.includes(installed)) return [installed];
  const near = await sortNewestFirst(
    ctx,
    versions.filter((version) => isVersion(version, upstreamVersion(installed))),
  );
  if (near[0] !== undefined) ctx.log.warn(`There is no ${spec.package} ${installed}; ${near[0]} is used`);
  return near;
}

/**
 * Downloads the first of these versions that the mirrors have: some list updates before they have them.
 *
 * @returns the version
 */
export async function downloadFirst(
  ctx: Context,
  name: string,
  versions: readonly string[],
  download: (version: string) => Promise<unknown>,
): Promise<string> {
  for (const [index, version] of versions.entries()) {
    try {
      await download(version);
      return version;
    } catch (error) {
      const next = versions[index + 1];
      const absent = error instanceof UklError && /\b404\b/.test(error.message);
      if (!absent || next === undefined) throw error;
      ctx.log.warn(`The mirror lists ${name} ${version} but does not have it; ${next} is used`);
    }
  }
  throw new Error(`there is no version of ${name} to download`);
}

/** The name of the source that a built package comes from, when it is another one. */
export async function findSourceName(apt: PrivateApt, packageName: string): Promise<string | undefined> {
  const shown = await apt.run("apt-cache", ["showsrc", packageName], { allowFailure: true });
  const [source] = parseDeb822(shown.stdout).flatMap((stanza) => stanza["package"] ?? []);
  return source === packageName ? undefined : source;
}

/**
 * The error when no index has it.
 *
 * @param sourceName from `findSourceName`
 */
export function packageNotFoundError(spec: DebianSpec, where: string, sourceName?: string): UklError {
  const version = spec.version === undefined ? "" : ` ${spec.version}`;
  const what = spec.kind === "debian-source" ? "source package" : "package";
  return new UklError(
    "SOURCE_NOT_FOUND",
    `Cannot find ${what} "${spec.package}"${version}: it is not in ${where} of this distribution's mirrors`,
    {
      hint:
        sourceName === undefined
          ? "Choose a mirror that has it: UKL_DEBIAN_MIRROR=URI ukl …"
          : `The package "${spec.package}" is built from the source package "${sourceName}"`,
    },
  );
}

/** "5:7.0.15-1~deb12u5" → "7.0.15". */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
}

/** "15" is each of "15.18-0+deb12u1" and "15.20-0+deb12u1". */
function isVersion(version: string, wanted: string): boolean {
  const upstream = upstreamVersion(version);
  return version === wanted || upstream === wanted || upstream.startsWith(`${wanted}.`);
}

/** Only dpkg itself orders versions as Debian does. */
async function sortNewestFirst(ctx: Context, versions: readonly string[]): Promise<string[]> {
  const sorted: string[] = [];
  for (const version of new Set(versions)) {
    let place = 0;
    while (place < sorted.length && !(await isNewer(ctx, version, sorted[place] as string))) place++;
    sorted.splice(place, 0, version);
  }
  return sorted;
}

async function isNewer(ctx: Context, version: string, other: string): Promise<boolean> {
  const compare = ["--compare-versions", version, "gt", other];
  return (await runCommand(ctx, "dpkg", compare, { allowFailure: true })).exitCode === 0;
}
