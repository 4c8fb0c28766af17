// SPDX-License-Identifier: Apache-2.0
/** Which other operating systems an ELF file says to be for. */

import type { ElfFile } from "./parse-elf.js";
import { readNotes } from "./read-notes.js";

/** Their names, by EI_OSABI or else by the owners of its notes; empty when it is for Linux, or does not say. */
export function findForeignSystems(elf: ElfFile): string[] {
  const byAbi = foreignAbis[elf.bytes[7] ?? 0];
  const byNote = readNotes(elf)
    .map(({ owner }) => owner)
    .filter((owner) => Object.values(foreignAbis).includes(owner));
  return byAbi === undefined ? byNote : [byAbi];
}

/** EI_OSABI of those that are not Linux. */
const foreignAbis: Readonly<Record<number, string>> = {
  1: "HP-UX",
  2: "NetBSD",
  6: "Solaris",
  9: "FreeBSD",
  12: "OpenBSD",
};
