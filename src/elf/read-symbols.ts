// SPDX-License-Identifier: Apache-2.0
/** The symbol table of an ELF file. */

import { type ElfFile, sectionBytes, sectionType, stringAt, viewOf } from "./parse-elf.js";

export type SymbolKind =
  | "none"
  | "object"
  | "function"
  | "section"
  | "file"
  | "common"
  | "tls"
  | "indirect"
  | "other";
export type SymbolBinding = "local" | "global" | "weak" | "other";

export interface ElfSymbol {
  readonly name: string;
  /** The address; in a relocatable file the offset in its section. */
  readonly value: bigint;
  readonly sizeBytes: bigint;
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
  /** The index of its section, undefined when the symbol is not defined here. */
  readonly section: number | undefined;
  /** Not to be seen outside of the program or library. */
  readonly isHidden: boolean;
}

const entrySizeBytes = 24;

/**
 * All symbols in the order of the file; none when it has no such table.
 *
 * @param type `.symtab`, which stripping removes, or `.dynsym`, which the loader needs
 */
export function readSymbols(
  elf: ElfFile,
  type: typeof sectionType.symbolTable | typeof sectionType.dynamicSymbols = sectionType.symbolTable,
): ElfSymbol[] {
  const table = elf.sections.find((section) => section.type === type);
  const strings = table && elf.sections[table.link];
  if (table === undefined || strings === undefined) return [];
  const names = sectionBytes(elf, strings);
  const view = viewOf(sectionBytes(elf, table));
  const symbols: ElfSymbol[] = [];
  // The first entry is always empty.
  for (let at = entrySizeBytes; at + entrySizeBytes <= view.byteLength; at += entrySizeBytes) {
    const info = view.getUint8(at + 4);
    const section = view.getUint16(at + 6, true);
    symbols.push({
      name: stringAt(names, view.getUint32(at, true)),
      value: view.getBigUint64(at + 8, true),
      sizeBytes: view.getBigUint64(at + 16, true),
      kind: kinds[info & 15] ?? "other",
      binding: bindings[info >> 4] ?? "other",
      section: section === 0 ? undefined : section,
      isHidden: hidden.has(view.getUint8(at + 5) & 3),
    });
  }
  return symbols;
}

const kinds: Readonly<Record<number, SymbolKind>> = {
  0: "none",
  1: "object",
  2: "function",
  3: "section",
  4: "file",
  5: "common",
  6: "tls",
  10: "indirect",
};

/** STV_INTERNAL and STV_HIDDEN. */
const hidden = new Set([1, 2]);

const bindings: Readonly<Record<number, SymbolBinding>> = { 0: "local", 1: "global", 2: "weak" };
