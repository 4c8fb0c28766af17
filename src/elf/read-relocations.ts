// SPDX-License-Identifier: Apache-2.0
/** The relocations of an ELF file, by the section that they apply to. */

import { type ElfFile, sectionBytes, sectionType, viewOf } from "./parse-elf.js";
import { type ElfSymbol, readSymbols } from "./read-symbols.js";

export interface ElfRelocation {
  /** In an object the offset in the section that it applies to, in a program the address. */
  readonly offset: bigint;
  /** The name of what it refers to; empty for a section and for none. */
  readonly symbol: string;
  /** R_X86_64_PLT32 and so on, by number. */
  readonly type: number;
  readonly addend: bigint;
  /** The index of the section that it applies to; 0 in a program, where the address says it. */
  readonly section: number;
}

const entryBytes = 24;

/** All relocations with addends, in the order of the file: x86-64 has no others. */
export function readRelocations(elf: ElfFile): ElfRelocation[] {
  const tables = new Map<number, ElfSymbol[]>();
  return elf.sections
    .filter(({ type }) => type === sectionType.relocations)
    .flatMap((section) => {
      const kind = elf.sections[section.link]?.type;
      if (kind === sectionType.symbolTable || kind === sectionType.dynamicSymbols)
        if (!tables.has(kind)) tables.set(kind, readSymbols(elf, kind));
      const symbols = tables.get(kind ?? 0) ?? [];
      const view = viewOf(sectionBytes(elf, section));
      return Array.from({ length: Math.floor(view.byteLength / entryBytes) }, (_, index) => {
        const at = index * entryBytes;
        return {
          offset: view.getBigUint64(at, true),
          type: view.getUint32(at + 8, true),
          // readSymbols leaves out entry 0.
          symbol: symbols[view.getUint32(at + 12, true) - 1]?.name ?? "",
          addend: view.getBigInt64(at + 16, true),
          section: elf.type === "relocatable" ? section.info : 0,
        };
      });
    });
}
