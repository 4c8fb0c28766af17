// SPDX-License-Identifier: Apache-2.0
/** Finds the shared libraries of a dynamic program, on this machine or in a tree, as its loader would. */

import { access, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type ElfFile, parseElf } from "./parse-elf.js";
import { type DynamicInfo, readDynamic } from "./read-dynamic.js";

export interface SharedLibrary {
  /** As it is asked for: "libc.so.6", or the path of the loader. */
  readonly name: string;
  /** Absolute; undefined when it is not there. */
  readonly file: string | undefined;
  readonly elf: ElfFile | undefined;
}

/**
 * The loader, then the libraries that the program and its libraries need, each once.
 *
 * @param file the program's path, for `$ORIGIN`
 * @param root a tree that has the libraries, instead of this machine
 */
export async function findSharedLibraries(
  elf: ElfFile,
  file: string,
  root?: string,
): Promise<SharedLibrary[]> {
  const dynamic = readDynamic(elf);
  const configured =
    root === undefined
      ? await configuredDirectories()
      : standardDirectories.map((place) => path.join(root, place));
  const found = new Map<string, SharedLibrary>();
  if (dynamic.interpreter !== undefined) {
    const base = path.basename(dynamic.interpreter);
    // In a tree its own path is a link, which may lead out of the tree.
    const places =
      root === undefined ? [dynamic.interpreter] : configured.map((place) => path.join(place, base));
    found.set(base, await load(dynamic.interpreter, places));
  }
  const open: { dynamic: DynamicInfo; file: string }[] = [{ dynamic, file }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const own = next.dynamic.searchPath.map((entry) =>
      entry.replaceAll(/\$(ORIGIN|\{ORIGIN\})/g, path.dirname(path.resolve(next?.file ?? ""))),
    );
    for (const name of next.dynamic.libraries) {
      if (found.has(name)) continue;
      const places = name.includes("/")
        ? [name]
        : [...own, ...configured].map((place) => path.join(place, name));
      const library = await load(name, places);
      found.set(name, library);
      if (library.elf !== undefined && library.file !== undefined)
        open.push({ dynamic: readDynamic(library.elf), file: library.file });
    }
  }
  return [...found.values()];
}

const standardDirectories = [
  "/lib/x86_64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/lib64",
  "/usr/lib64",
  "/lib",
  "/usr/lib",
];

/** What /etc/ld.so.conf names, through the files that it includes, and the standard directories. */
async function configuredDirectories(): Promise<string[]> {
  const directory = "/etc/ld.so.conf.d";
  const files = await readdir(directory).catch(() => []);
  const texts = await Promise.all(
    [
      "/etc/ld.so.conf",
      ...files.filter((name) => name.endsWith(".conf")).map((name) => path.join(directory, name)),
    ].map((name) => readFile(name, "utf8").catch(() => "")),
  );
  const lines = texts.flatMap((text) => text.split("\n")).map((line) => line.replace(/#.*/, "").trim());
  return [...lines.filter((line) => line.startsWith("/")), ...standardDirectories];
}

/** A library of another machine, or none at all, is as good as absent. */
async function load(name: string, places: readonly string[]): Promise<SharedLibrary> {
  for (const file of places) {
    try {
      await access(file);
      return { name, file, elf: parseElf(await readFile(file), file) };
    } catch {}
  }
  return { name, file: undefined, elf: undefined };
}
