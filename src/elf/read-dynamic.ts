// SPDX-License-Identifier: Apache-2.0
/** What a dynamic program tells its loader: which one it wants, which libraries, and where to look for them. */

import { bytesAt, type ElfFile, segmentBytes, segmentType, stringAt, viewOf } from "./parse-elf.js";

export interface DynamicInfo {
  /** Absolute path of the loader; undefined in a library and in a static-pie program. */
  readonly interpreter: string | undefined;
  /** DT_NEEDED, in order. */
  readonly libraries: readonly string[];
  /** DT_RUNPATH, else DT_RPATH, split; `$ORIGIN` is still in it. */
  readonly searchPath: readonly string[];
  /** Whether it says to be a program that is loaded anywhere. */
  readonly isPie: boolean;
  /** DT_SONAME: libraries have a name, programs have none. */
  readonly name: string | undefined;
}

const tag = {
  end: 0n,
  needed: 1n,
  stringTable: 5n,
  soname: 14n,
  rpath: 15n,
  runpath: 29n,
  flags1: 0x6ffffffbn,
} as const;
/** DF_1_PIE. */
const flagPie = 0x08000000n;
const entryBytes = 16;

/** Reads PT_INTERP and PT_DYNAMIC; all is empty in a static program. */
export function readDynamic(elf: ElfFile): DynamicInfo {
  const entries = readEntries(elf);
  const table = entries.find(([key]) => key === tag.stringTable)?.[1];
  const strings = table === undefined ? undefined : bytesAt(elf, table);
  const stringsOf = (wanted: bigint): string[] =>
    entries
      .filter(([key]) => key === wanted && strings !== undefined)
      .map(([, offset]) => stringAt(strings ?? new Uint8Array(), Number(offset)));
  const [path = stringsOf(tag.rpath)[0]] = stringsOf(tag.runpath);
  return {
    interpreter: readInterpreter(elf),
    libraries: stringsOf(tag.needed),
    searchPath: path === undefined || path === "" ? [] : path.split(":"),
    name: stringsOf(tag.soname)[0],
    isPie: entries.some(([key, flags]) => key === tag.flags1 && (flags & flagPie) !== 0n),
  };
}

function readInterpreter(elf: ElfFile): string | undefined {
  const segment = elf.segments.find(({ type }) => type === segmentType.interpreter);
  return segment && stringAt(segmentBytes(elf, segment), 0);
}

function readEntries(elf: ElfFile): [key: bigint, value: bigint][] {
  const segment = elf.segments.find(({ type }) => type === segmentType.dynamic);
  if (segment === undefined) return [];
  const view = viewOf(segmentBytes(elf, segment));
  const entries: [bigint, bigint][] = [];
  for (let at = 0; at + entryBytes <= view.byteLength; at += entryBytes) {
    const key = view.getBigUint64(at, true);
    if (key === tag.end) break;
    entries.push([key, view.getBigUint64(at + 8, true)]);
  }
  return entries;
}
