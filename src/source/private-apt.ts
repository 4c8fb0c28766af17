// SPDX-License-Identifier: Apache-2.0
/**
 * An apt of our own: the system's mirrors, keys and proxy, but state, lists and configuration
 * in the cache directory. It needs no root, and cannot change or be changed by what the
 * user has set up (a system hook that empties /var/cache/apt would otherwise run for us, too).
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import { takeFileLock } from "../host/file-lock.js";
import type { Json } from "../host/hash.js";
import { requireSpace } from "../host/require-space.js";
import { type CommandResult, runCommand } from "../host/run-command.js";
import { type AptSource, findDistributionSources, loadAptSources } from "./apt-sources.js";

/** Which indexes are needed: built packages of the release, its backports as well, or source packages. */
export type AptIndex = "release" | "backports" | "source";

/** What is in the lists, and of which release of the distribution; default this machine's. */
export interface AptLists {
  readonly index: AptIndex;
  readonly release?: string | undefined;
}

export interface PrivateApt {
  /** Runs `apt-get` or `apt-cache` on the private state. */
  run(tool: AptTool, args: readonly string[], options?: AptRunOptions): Promise<CommandResult>;
}

export type AptTool = keyof typeof aptTools;

export interface AptRunOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly logFile?: string;
  readonly allowFailure?: boolean;
}

/**
 * Opens the private apt with fresh lists, for as long as `use` runs; others wait.
 *
 * @throws UklError SOURCE_NOT_FOUND when the system has no apt sources of a distribution
 * @throws UklError SOURCE_FETCH_FAILED when the lists cannot be fetched
 */
export async function usePrivateApt<T>(
  ctx: Context,
  { index, release }: AptLists,
  use: (apt: PrivateApt) => Promise<T>,
): Promise<T> {
  const directory = path.join(ctx.cacheDir, "apt", release === undefined ? index : `${index}-${release}`);
  await using _lock = await takeFileLock(ctx, path.join(directory, "lock"), "fetch package lists");
  await requireSpace(directory, listsMib, "fetch the package lists");
  const config = await writeConfiguration(ctx, directory, await planSources(index, release));
  const apt: PrivateApt = {
    run: (tool, args, options = {}) =>
      runCommand(ctx, aptTools[tool], args, {
        ...options,
        env: { APT_CONFIG: config },
        onOutput: (line) => {
          if (args[0] !== "update") reportProgress(ctx, line);
        },
      }),
  };
  await ctx.log.step("Fetching the package lists", (log) => updateLists(withLog(ctx, log), apt));
  return use(apt);
}

/** The lists of one index, packed and unpacked, and room to spare. apt waits for ever on a full disk. */
const listsMib = 200;

/** What decides which package a name stands for: the release, its mirrors, and what is installed. */
export async function describeOrigin(ctx: Context, packageName: string): Promise<Json> {
  const { codename, sources } = await loadDistribution();
  const installed = await findInstalledVersion(ctx, packageName);
  return { codename, mirrors: sources.map(({ uri }) => uri), installed: installed ?? null };
}

/** Packages that must fit another one that is installed: the C library's source, and its headers. */
const mustFit: Readonly<Record<string, string>> = { "glibc-source": "libc6" };

/** The version of the installed package that `packageName` must fit, if it must fit any. */
export async function findInstalledVersion(ctx: Context, packageName: string): Promise<string | undefined> {
  const installed = mustFit[packageName];
  if (installed === undefined) return undefined;
  const query = await runCommand(ctx, "dpkg-query", ["--show", installed], { allowFailure: true });
  // "libc6:amd64<tab>2.36-9"
  return query.exitCode === 0 ? query.stdout.trim().split("\t")[1] : undefined;
}

const aptTools = {
  "apt-get": "apt-get",
  "apt-cache": "apt-cache",
} as const;

interface PlannedSource extends AptSource {
  readonly type: "deb" | "deb-src";
}

async function planSources(index: AptIndex, release: string | undefined): Promise<PlannedSource[]> {
  const { codename, sources } = await loadDistribution();
  const type = index === "source" ? "deb-src" : "deb";
  const suite = index === "backports" ? `${codename}-backports` : release;
  if (suite === undefined) return sources.map((source) => ({ ...source, type }));
  return sources
    .filter(({ suites }) => suites.includes(codename))
    .map((source) => ({ ...source, type, suites: [suite] }));
}

async function loadDistribution(): Promise<{ codename: string; sources: AptSource[] }> {
  const release = await readFile("/etc/os-release", "utf8");
  const codename = /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(release)?.[1];
  if (codename === undefined) throw noSourcesError("this is no release of Debian or Ubuntu");
  const found = findDistributionSources(await loadAptSources(), codename);
  const mirror = process.env["UKL_DEBIAN_MIRROR"];
  const sources = mirror ? overrideMirror(found, mirror, codename) : found;
  if (sources.length === 0) throw noSourcesError(`no source in /etc/apt has the release "${codename}"`);
  return { codename, sources };
}

/** The override replaces the archive of the release; security updates come from where they came from. */
function overrideMirror(sources: readonly AptSource[], uri: string, codename: string): AptSource[] {
  const main = sources.find(({ suites }) => suites.includes(codename));
  const suites = main?.suites ?? [codename];
  const others = sources.filter((source) => source !== main);
  return [{ components: ["main"], ...main, uri, suites }, ...others];
}

async function writeConfiguration(
  ctx: Context,
  directory: string,
  sources: readonly PlannedSource[],
): Promise<string> {
  for (const folder of ["lists/partial", "archives/partial"])
    await mkdir(path.join(directory, folder), { recursive: true });
  const file = (name: string): string => path.join(directory, name);
  await writeFile(file("ukl.sources"), formatSources(sources));
  // Nothing is installed, as far as this apt knows: it only downloads.
  await writeFile(file("status"), "");
  await writeFile(
    file("apt.conf"),
    [
      ...(await findNetworkSettings(ctx)),
      `Dir::Etc::sourcelist "${file("ukl.sources")}";`,
      'Dir::Etc::sourceparts "/dev/null";',
      'Dir::Etc::main "/dev/null";',
      'Dir::Etc::parts "/dev/null";',
      'Dir::Etc::preferences "/dev/null";',
      'Dir::Etc::preferencesparts "/dev/null";',
      `Dir::State "${directory}";`,
      `Dir::State::lists "${file("lists")}";`,
      `Dir::State::status "${file("status")}";`,
      `Dir::Cache "${directory}";`,
      `Dir::Cache::archives "${file("archives")}";`,
      // Binary forms of the lists, larger than they are, that only pay when they are read again.
      'Dir::Cache::pkgcache "";',
      'Dir::Cache::srcpkgcache "";',
      'Acquire::GzipIndexes "true";',
      // As root, apt would download as a user that cannot read root's cache directory.
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Acquire::Retries "3";',
      'APT::Status-Fd "1";',
      "",
    ].join("\n"),
  );
  return file("apt.conf");
}

function formatSources(sources: readonly PlannedSource[]): string {
  return sources
    .map(({ type, uri, suites, components, signedBy }) =>
      [
        `Types: ${type}`,
        `URIs: ${uri}`,
        `Suites: ${suites.join(" ")}`,
        `Components: ${components.join(" ")}`,
        ...(signedBy === undefined ? [] : [`Signed-By: ${signedBy.replaceAll("\n", "\n ")}`]),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** The system's way to the network (proxies, certificates, address families), but none of its hooks. */
async function findNetworkSettings(ctx: Context): Promise<string[]> {
  const dump = await runCommand(ctx, "apt-config", ["dump"]);
  return dump.stdout
    .split("\n")
    .filter((line) => /^Acquire::(https?|ForceIPv[46]|Check-Valid-Until|Proxy)\b/i.test(line));
}

/** A slow mirror takes a minute. */
const updateTimeoutMs = 600_000;

async function updateLists(ctx: Context, apt: PrivateApt): Promise<void> {
  const update = await apt.run("apt-get", ["update", "--quiet", "--error-on=any"], {
    allowFailure: true,
    timeoutMs: updateTimeoutMs,
  });
  if (update.exitCode === 0) return;
  const lines = update.stderr.split("\n");
  const reason =
    lines
      .find((line) => /^E:/.test(line))
      ?.slice(2)
      .trim() || "apt-get failed";
  ctx.log.detail(update.stderr);
  throw new UklError("SOURCE_FETCH_FAILED", `Cannot fetch the package lists: ${reason}`, {
    hint: "Check the network, or choose another mirror: UKL_DEBIAN_MIRROR=URI ukl …",
  });
}

/** apt's own count, on the descriptor that we told it: "dlstatus:1:42.5:Retrieving file 1 of 2". */
function reportProgress(ctx: Context, line: string): void {
  const percent = /^dlstatus:\d+:([\d.]+):/.exec(line)?.[1];
  if (percent !== undefined) ctx.log.progress(Math.floor(Number(percent)), 100);
}

function noSourcesError(state: string): UklError {
  return new UklError("SOURCE_NOT_FOUND", `Cannot find the distribution's packages: ${state}`, {
    hint: "Name a mirror of your Debian release: UKL_DEBIAN_MIRROR=URI ukl …",
  });
}
