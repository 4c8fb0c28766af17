// SPDX-License-Identifier: Apache-2.0
/** The system's own apt sources, read only: they say which mirror this machine uses, and whose signatures it trusts. */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isSystemError } from "../host/system-error.js";
import { parseDeb822, type Stanza } from "./parse-deb822.js";

export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** A keyring's path or an inline key; absent when apt's default keyrings apply. */
  readonly signedBy?: string;
}

/** Loads sources.list and sources.list.d from an apt configuration directory. */
export async function loadAptSources(directory = "/etc/apt"): Promise<AptSource[]> {
  const parts = await readIfThere(
    async () => (await readdir(path.join(directory, "sources.list.d"))).sort(),
    [],
  );
  const files = ["sources.list", ...parts.map((name) => path.join("sources.list.d", name))];
  const sources: AptSource[] = [];
  for (const file of files) {
    const text = await readIfThere(() => readFile(path.join(directory, file), "utf8"), "");
    if (file.endsWith(".sources")) sources.push(...parseDeb822Sources(text));
    else if (file.endsWith(".list")) sources.push(...parseOneLineSources(text));
  }
  return sources;
}

/** Parses the format of *.sources; disabled stanzas are left out. */
export function parseDeb822Sources(text: string): AptSource[] {
  return parseDeb822(text).flatMap((stanza) => {
    if (stanza["enabled"]?.toLowerCase() === "no") return [];
    const [uris, suites, components] = ["uris", "suites", "components"].map((field) => words(stanza, field));
    if (uris === undefined || suites === undefined || components === undefined) return [];
    const signedBy = stanza["signed-by"];
    return uris.map((uri) => ({ uri, suites, components, ...(signedBy ? { signedBy } : {}) }));
  });
}

/** Parses the format of *.list: `deb [signed-by=/a/keyring] URI SUITE COMPONENT…`. */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = "", uri = "", suite = "", components = ""] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [
      {
        uri,
        suites: [suite],
        components: components.split(/\s+/).filter(Boolean),
        ...(signedBy === undefined ? {} : { signedBy }),
      },
    ];
  });
}

/** The entries that are the distribution itself: their suites are its release, under any of its names. */
export function findDistributionSources(sources: readonly AptSource[], codename: string): AptSource[] {
  const own = new RegExp(`^${codename}(-(updates|security|backports)|/updates)?$`);
  const found = sources.flatMap((source) => {
    const suites = source.suites.filter((suite) => own.test(suite));
    return suites.length === 0 ? [] : [{ ...source, suites }];
  });
  return mergeSources(found);
}

/** `deb` and `deb-src` lines of one archive are one source. */
function mergeSources(sources: readonly AptSource[]): AptSource[] {
  const merged = new Map<string, AptSource>();
  for (const source of sources) {
    const key = source.uri.replace(/\/+$/, "");
    const other = merged.get(key);
    merged.set(key, {
      ...source,
      uri: key,
      suites: [...new Set([...(other?.suites ?? []), ...source.suites])],
      components: [...new Set([...(other?.components ?? []), ...source.components])],
    });
  }
  return [...merged.values()];
}

function words(stanza: Stanza, field: string): string[] {
  return (stanza[field] ?? "").split(/\s+/).filter(Boolean);
}

async function readIfThere<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return otherwise;
    throw error;
  }
}
