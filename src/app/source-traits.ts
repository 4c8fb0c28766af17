// SPDX-License-Identifier: Apache-2.0
/** Reads off C, C++ and TypeScript files what an application made of them needs. */

import { readFile } from "node:fs/promises";
import path from "node:path";

export interface SourceTraits {
  readonly files: readonly { readonly name: string; readonly hasMain: boolean }[];
  /** The TypeScript files that may be the one to begin with, the likeliest first. */
  readonly entries: readonly string[];
  /** The libraries whose headers they include. */
  readonly libraries: readonly string[];
  /** The ports that they mention. */
  readonly ports: readonly number[];
}

/**
 * Reads the C, C++ and TypeScript files among `names`.
 *
 * @param directory where they are
 */
export async function readSources(directory: string, names: readonly string[]): Promise<SourceTraits> {
  const sources = names.filter((name) => /\.(c|cc|cpp|cxx)$/.test(name));
  const texts = await Promise.all(sources.map((name) => readText(path.join(directory, name))));
  const all = texts.join("\n");
  const entries = findEntries(names);
  const scripts = await Promise.all(entries.map((name) => readText(path.join(directory, name))));
  const headers = [...all.matchAll(/^\s*#\s*include\s*<([^>]+)>/gm)].map(([, header = ""]) => header);
  return {
    files: sources.map((name, index) => ({ name, hasMain: hasMain.test(texts[index] ?? "") })),
    libraries: [...new Set(headers.flatMap((header) => librariesOf(header)))],
    entries,
    ports: findPorts([all, ...scripts].join("\n")),
  };
}

const hasMain = /\bmain\s*\([^;{]*\)\s*\{/;

/** By their names; of several that say nothing, nobody knows. */
function findEntries(names: readonly string[]): string[] {
  const files = names.filter((name) => /\.m?ts$/.test(name) && !/\.(d|test|spec|config)\.m?ts$/.test(name));
  const telling = ["server", "main", "index", "app"].flatMap((stem) =>
    files.filter((name) => path.parse(name).name === stem),
  );
  return telling.length === 0 && files.length === 1 ? files : telling;
}

/** Without comments, which speak of everything. */
async function readText(file: string): Promise<string> {
  return (await readFile(file, "latin1")).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, " ");
}

/** Those that everybody's Debian has headers for; other libraries the linker asks for. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  "math.h": ["m"],
  cmath: ["m"],
  "zlib.h": ["z"],
  "openssl/ssl.h": ["ssl", "crypto"],
  "openssl/evp.h": ["crypto"],
  "event2/event.h": ["event"],
  "sqlite3.h": ["sqlite3", "m"],
  "curl/curl.h": ["curl"],
};

function librariesOf(header: string): readonly string[] {
  return libraries[header] ?? [];
}

/** `htons(7000)`, `#define PORT 7000`, `int port = 7000`, `port: 7000`. */
function findPorts(text: string): number[] {
  const direct = text.matchAll(/\bhtons\s*\(\s*(\d+)\s*\)/g);
  const named = text.matchAll(/\b(?:\w+_)?port(?:_\w+)?\b\s*[=:]?\s*"?(\d+)/gi);
  const ports = [...direct, ...named].map(([, port]) => Number(port));
  return [...new Set(ports)].filter((port) => port > 0 && port <= 65_535);
}
