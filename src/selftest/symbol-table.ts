// SPDX-License-Identifier: Apache-2.0
/** Where the functions and variables of a program or a kernel are. */

import { parseElf } from "../elf/parse-elf.js";
import { type ElfSymbol, readSymbols } from "../elf/read-symbols.js";

export type SymbolTable = ReadonlyMap<string, Pick<ElfSymbol, "value" | "sizeBytes">>;

/** The symbols of an ELF file; of several static ones of the same name, the last. */
export function readSymbolTable(bytes: Uint8Array, name: string): SymbolTable {
  return new Map(readSymbols(parseElf(bytes, name)).map((symbol) => [symbol.name, symbol]));
}

/** @throws Error for a symbol that is not there, a mistake of whoever asks */
export function addressOf(symbols: SymbolTable, name: string): bigint {
  const symbol = symbols.get(name);
  if (symbol === undefined) throw new Error(`there is no symbol ${name}`);
  return symbol.value;
}
