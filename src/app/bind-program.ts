// SPDX-License-Identifier: Apache-2.0
/**
 * Links a finished program directly against one kernel. Every program of our toolchain carries a
 * table of its system calls (userland/as/syscall.inc). Each is a `call rel32`, and from the low 16 MiB of
 * the address space the kernel's text is in its reach: so linking means to write each call's new
 * displacement. That works on whatever a build made, stripped or not, without its objects, and gives
 * the same bytes as the linker would have put there.
 */

import {
  type ElfFile,
  type ElfSection,
  invalidElf,
  parseElf,
  sectionBytes,
  segmentType,
  viewOf,
} from "../elf/parse-elf.js";
import { addUklNote } from "../elf/ukl-note.js";

/** The kernel that a program is linked against. */
export interface KernelLink {
  /** The address of the kernel's `ukl_syscall`. */
  readonly systemCall: bigint;
  /** 20 bytes; the program will run on this kernel only. */
  readonly buildId: Uint8Array;
}

/**
 * Returns a copy of the program whose system calls go to the kernel's address.
 *
 * @param name for messages
 * @throws UklError ELF_INVALID when it has no table of calls, or its text is out of the kernel's reach
 */
export function bindProgram(bytes: Uint8Array, kernel: KernelLink, name: string): Uint8Array {
  const elf = parseElf(bytes, name);
  const bound = addUklNote(bytes, { kernelBuildId: kernel.buildId }, name);
  const view = viewOf(bound);
  for (const site of findCallSites(elf, name)) {
    const displacement = kernel.systemCall - (site.address + callBytes);
    const reachable = BigInt.asIntN(64, displacement);
    if (reachable !== BigInt.asIntN(32, displacement))
      throw invalidElf(name, `the call at 0x${site.address.toString(16)} cannot reach the kernel's text`);
    view.setInt32(site.offset + 1, Number(reachable), true);
  }
  return bound;
}

/** Whether the program was built by our toolchain, so that it can be bound. */
export function hasCallSites(elf: ElfFile): boolean {
  return findTable(elf) !== undefined;
}

export interface CallSite {
  readonly address: bigint;
  /** In the file. */
  readonly offset: number;
}

/** The calls that the program's table lists, each checked to be one. */
export function findCallSites(elf: ElfFile, name: string): CallSite[] {
  const table = findTable(elf);
  if (table === undefined || elf.type !== "executable")
    throw invalidElf(name, "it was not built by the toolchain: it has no table of system calls");
  return readTable(elf, table).map((address) => {
    const offset = offsetOf(elf, address);
    if (offset === undefined || elf.bytes[offset] !== callOpcode)
      throw invalidElf(name, `its table of system calls is damaged: no call at 0x${address.toString(16)}`);
    return { address, offset };
  });
}

const callOpcode = 0xe8;
const callBytes = 5n;

function findTable(elf: ElfFile): ElfSection | undefined {
  return elf.sections.find((section) => section.name === ".ukl.syscall_sites");
}

/** An entry is the distance from itself to its call. */
function readTable(elf: ElfFile, table: ElfSection): bigint[] {
  const view = viewOf(sectionBytes(elf, table));
  return Array.from(
    { length: Math.floor(view.byteLength / 4) },
    (_, index) => table.address + BigInt(index * 4) + BigInt(view.getInt32(index * 4, true)),
  );
}

function offsetOf(elf: ElfFile, address: bigint): number | undefined {
  const segment = elf.segments.find(
    ({ type, address: start, fileSizeBytes }) =>
      type === segmentType.load && address >= start && address + callBytes <= start + BigInt(fileSizeBytes),
  );
  return segment && segment.offset + Number(address - segment.address);
}
