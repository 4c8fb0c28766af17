// SPDX-License-Identifier: Apache-2.0
/**
 * Compares what two object files put into a kernel: the bytes of every section that is loaded, and every relocation
 * in them, by what it refers to.
 *
 * Ignored are: symbol and string tables, debugging information and comments, which are not loaded; and in __bug_table,
 * the 16-bit line number of each entry, since a hook moves the lines below it.
 */

import { readFile } from "node:fs/promises";
import { type ElfFile, type ElfSection, parseElf, sectionBytes, viewOf } from "../../src/elf/parse-elf.js";
import { type ElfSymbol, readSymbols } from "../../src/elf/read-symbols.js";

/** What differs, one line a section; empty when the two are the same to a kernel. */
export async function compareObjects(before: string, after: string): Promise<string[]> {
  const [left, right] = await Promise.all([before, after].map(loadSections));
  if (left === undefined || right === undefined) throw new Error("no objects");
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.flatMap((name) => {
    const [a, b] = [left.get(name), right.get(name)];
    if (a === undefined) return [`${name}: only in the second`];
    if (b === undefined) return [`${name}: only in the first`];
    if (a.description !== b.description) return [`${name}: ${a.description}, then ${b.description}`];
    if (Buffer.compare(a.bytes, b.bytes) !== 0) return [`${name}: other bytes`];
    const differing = a.relocations.findIndex((relocation, index) => relocation !== b.relocations[index]);
    if (differing >= 0) return [`${name}: ${a.relocations[differing]}, then ${b.relocations[differing]}`];
    return a.relocations.length === b.relocations.length ? [] : [`${name}: other relocations`];
  });
}

interface LoadedSection {
  /** Kind, flags and size. */
  readonly description: string;
  readonly bytes: Uint8Array;
  /** "12: 4 schedule -4": offset, type, symbol, addend. */
  readonly relocations: readonly string[];
}

const shfAlloc = 2n;
const relocationTable = 4;

async function loadSections(file: string): Promise<ReadonlyMap<string, LoadedSection>> {
  const elf = parseElf(await readFile(file), file);
  const symbols = readSymbols(elf);
  const sections = new Map<string, LoadedSection>();
  elf.sections.forEach((section, index) => {
    if ((section.flags & shfAlloc) === 0n) return;
    // C has many sections of one name, in groups.
    const name = uniqueName(section.name, sections);
    sections.set(name, {
      description: `type ${section.type}, flags ${section.flags}, ${section.sizeBytes} bytes`,
      bytes: withoutLines(section.name, sectionBytes(elf, section)),
      relocations: elf.sections
        .filter((table) => table.type === relocationTable && infoOf(elf, table) === index)
        .flatMap((table) => readRelocations(elf, table, symbols)),
    });
  });
  return sections;
}

function uniqueName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let unique = name;
  for (let count = 2; taken.has(unique); count++) unique = `${name} (${count})`;
  return unique;
}

/** struct bug_entry with relative pointers and CONFIG_DEBUG_BUGVERBOSE: address, file, line, flags. */
const bugEntry = { sizeBytes: 12, lineAt: 8 };

function withoutLines(name: string, bytes: Uint8Array): Uint8Array {
  if (name !== "__bug_table") return bytes;
  if (bytes.length % bugEntry.sizeBytes !== 0) throw new Error("__bug_table has entries of another size");
  const copy = Uint8Array.from(bytes);
  for (let at = bugEntry.lineAt; at < copy.length; at += bugEntry.sizeBytes) copy.fill(0, at, at + 2);
  return copy;
}

/** sh_info: for a table of relocations, the section that they are in. */
function infoOf(elf: ElfFile, section: ElfSection): number {
  const view = viewOf(elf.bytes);
  const headers = Number(view.getBigUint64(40, true));
  return view.getUint32(headers + elf.sections.indexOf(section) * 64 + 44, true);
}

function readRelocations(elf: ElfFile, table: ElfSection, symbols: readonly ElfSymbol[]): string[] {
  const view = viewOf(sectionBytes(elf, table));
  const relocations: string[] = [];
  for (let at = 0; at < view.byteLength; at += 24) {
    const info = view.getBigUint64(at + 8, true);
    const symbol = symbols[Number(info >> 32n) - 1];
    const addend = view.getBigInt64(at + 16, true);
    relocations.push(
      `${view.getBigUint64(at, true)}: ${info & 0xffffffffn} ${describeTarget(elf, symbol, addend)}`,
    );
  }
  return relocations;
}

/** By place, not by name, where it is defined here: names of static things are numbered. */
function describeTarget(elf: ElfFile, symbol: ElfSymbol | undefined, addend: bigint): string {
  if (symbol === undefined) return `nothing ${addend}`;
  const section = symbol.section === undefined ? undefined : elf.sections[symbol.section];
  return section === undefined ? `${symbol.name} ${addend}` : `${section.name} ${symbol.value + addend}`;
}
