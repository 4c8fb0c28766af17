// SPDX-License-Identifier: Apache-2.0
/** What kind of ELF file it is, also of those that `parseElf` refuses. */

import { isElf, viewOf } from "./parse-elf.js";

export interface ElfIdentity {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** e_machine. */
  readonly machine: number;
  /** "AArch64"; undefined when the number is not among the usual ones. */
  readonly machineName: string | undefined;
  /** EI_OSABI. */
  readonly osAbi: number;
}

/** e_machine of what Linux distributions are built for. */
const machineNames: Readonly<Record<number, string>> = {
  2: "SPARC",
  3: "i386",
  8: "MIPS",
  20: "PowerPC",
  21: "PowerPC 64",
  22: "S/390",
  40: "ARM",
  50: "Itanium",
  62: "x86-64",
  183: "AArch64",
  243: "RISC-V",
  247: "BPF",
  258: "LoongArch",
};

/** Reads the first 20 bytes; undefined when it is no ELF file. */
export function identifyElf(bytes: Uint8Array): ElfIdentity | undefined {
  const bits = bytes[4] === 1 ? 32 : bytes[4] === 2 ? 64 : undefined;
  if (!isElf(bytes) || bytes.length < 20 || bits === undefined) return undefined;
  const littleEndian = bytes[5] !== 2;
  const machine = viewOf(bytes).getUint16(18, littleEndian);
  return { bits, littleEndian, machine, machineName: machineNames[machine], osAbi: bytes[7] ?? 0 };
}
