// SPDX-License-Identifier: Apache-2.0
/**
 * What an installed program needs beside its libraries: modules, data, configuration. The package manager knows: the
 * files of the packages that own it, and of those that they need.
 */

import type { Context } from "../host/context.js";
import { findProgram } from "../host/requirements.js";
import { runCommand } from "../host/run-command.js";

export interface DebianFiles {
  /** The packages, sorted; empty when nobody owns what was asked about. */
  readonly packages: readonly string[];
  /** Their files, links and directories, as they are listed. */
  readonly paths: readonly string[];
}

export interface InstalledPackage {
  readonly name: string;
  /** What it can be asked for by: its name, and what it provides. */
  readonly names: readonly string[];
  /** Installs and administers the system, and is of no use to a program that runs. */
  readonly administrative: boolean;
  /** Each a choice among names. */
  readonly needs: readonly (readonly string[])[];
}

/** The files of the packages that own `files`, and of all that these depend on or recommend, as far as it is installed. */
export async function findDebianFiles(ctx: Context, files: readonly string[]): Promise<DebianFiles> {
  if ((await findProgram(query)) === undefined) return { packages: [], paths: [] };
  const owners = await findOwners(ctx, files);
  if (owners.length === 0) return { packages: [], paths: [] };
  const packages = closePackages(await listInstalled(ctx), owners);
  const { stdout } = await runCommand(ctx, query, ["--listfiles", ...packages]);
  const paths = stdout.split("\n").filter((path) => path.startsWith("/") && !isLeftOut(path));
  return { packages, paths: [...new Set(paths)].sort() };
}

const query = "dpkg-query";

/** Documentation, translations, and what only compilers read. */
const leftOut = /^\/usr\/(include|share\/(bug|doc|doc-base|info|lintian|locale|man))\//;

function isLeftOut(path: string): boolean {
  return path === "/." || leftOut.test(`${path}/`);
}

/** A file may be listed by the name that it had before /lib became a link to /usr/lib. */
async function findOwners(ctx: Context, files: readonly string[]): Promise<string[]> {
  const names = files.flatMap((file) => [
    file,
    ...(/^\/usr\/s?(bin|lib\d*)\//.test(file) ? [file.slice("/usr".length)] : []),
  ]);
  // It fails when one of them has no owner.
  const { stdout } = await runCommand(ctx, query, ["--search", ...names], { allowFailure: true });
  // "libc6:amd64: /lib/x86_64-linux-gnu/libc.so.6"; "a, b: /usr/share/common"
  const lines = stdout.split("\n").filter((line) => !line.startsWith("diversion "));
  const owners = lines.flatMap((line) => /^(.+): \//.exec(line)?.[1]?.split(", ") ?? []);
  return [...new Set(owners.map(withoutArchitecture))].sort();
}

async function listInstalled(ctx: Context): Promise<InstalledPackage[]> {
  const fields = [
    "Package",
    "Status",
    "Essential",
    "Section",
    "Provides",
    "Pre-Depends",
    "Depends",
    "Recommends",
  ];
  const format = `${fields.map((field) => `\${${field}}`).join("\\t")}\\n`;
  const { stdout } = await runCommand(ctx, query, ["--show", `--showformat=${format}`]);
  return parseInstalled(stdout);
}

/** Lines of fields with tabs between them, as `listInstalled` asks for them. */
export function parseInstalled(text: string): InstalledPackage[] {
  return text
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, status]) => status === "install ok installed")
    .map(([name = "", , essential, section, provides = "", ...relations]) => ({
      name,
      names: [name, ...parseRelation(provides).flat()],
      administrative: essential === "yes" || /(^|\/)admin$/.test(section ?? ""),
      needs: relations.flatMap(parseRelation),
    }));
}

/** "libc6 (>= 2.34), media-types | mime-support:any" → names to choose from. */
function parseRelation(text: string): string[][] {
  return text
    .split(",")
    .map((choices) =>
      choices.split("|").map((choice) => withoutArchitecture(choice.trim().split(/[\s(]/)[0] ?? "")),
    )
    .filter(([first]) => first !== undefined && first !== "");
}

/**
 * The packages with all that they need, sorted. What is essential to any system, or administers it, is not followed:
 * packages need it while they are installed.
 */
export function closePackages(installed: readonly InstalledPackage[], owners: readonly string[]): string[] {
  const byName = new Map<string, InstalledPackage>();
  for (const entry of installed)
    for (const name of entry.names) if (!byName.has(name) || name === entry.name) byName.set(name, entry);
  const closed = new Set<string>();
  const open = owners.flatMap((owner) => byName.get(owner) ?? []);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (closed.has(next.name)) continue;
    closed.add(next.name);
    for (const choices of next.needs) {
      const needed = choices.map((name) => byName.get(name)).find((entry) => entry !== undefined);
      if (needed !== undefined && !needed.administrative) open.push(needed);
    }
  }
  return [...closed].sort();
}

function withoutArchitecture(name: string): string {
  return name.replace(/:.*/, "");
}
