// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the headers of a 64-bit little-endian ELF file: programs, objects and kernels. Every
 * offset is checked, so that a truncated or hostile file is an error and never an exception from
 * the depths. The names are those of elf(5), written out.
 */

import { UklError } from "../errors/ukl-error.js";

export type ElfType = "relocatable" | "executable" | "shared" | "core";

export interface ElfSegment {
  /** PT_LOAD, PT_NOTE, …; compare with `segmentType`. */
  readonly type: number;
  /** Bits of `segmentFlag`. */
  readonly flags: number;
  readonly offset: number;
  readonly address: bigint;
  readonly fileSizeBytes: number;
  readonly memorySizeBytes: bigint;
  readonly alignment: number;
  /** Where its program header lies in the file. */
  readonly headerOffset: number;
}

export interface ElfSection {
  readonly name: string;
  /** SHT_SYMTAB, SHT_NOTE, …; compare with `sectionType`. */
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  /** In memory; a section without bits has that many and none in the file. */
  readonly sizeBytes: number;
  readonly link: number;
  /** What it means depends on the type; of relocations, the section that they apply to. */
  readonly info: number;
  readonly entrySizeBytes: number;
}

export interface ElfFile {
  readonly bytes: Uint8Array;
  readonly type: ElfType;
  readonly entry: bigint;
  readonly segments: readonly ElfSegment[];
  /** Empty when the section headers were stripped. */
  readonly sections: readonly ElfSection[];
}

export const segmentType = {
  load: 1,
  dynamic: 2,
  interpreter: 3,
  note: 4,
  gnuFrames: 0x6474e550,
  gnuStack: 0x6474e551,
  gnuProperty: 0x6474e553,
} as const;

export const segmentFlag = { execute: 1, write: 2, read: 4 } as const;

export const sectionType = {
  symbolTable: 2,
  stringTable: 3,
  relocations: 4,
  note: 7,
  noBits: 8,
  dynamicSymbols: 11,
} as const;

export const sectionFlag = { allocate: 2n, execute: 4n } as const;

const machineX8664 = 62;
const headerBytes = 64;

/** As uname(1) has them. */
const machineNames: Readonly<Record<number, string>> = {
  3: "i386",
  8: "mips",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  183: "aarch64",
  243: "riscv",
  258: "loongarch",
};

const elfTypes: Readonly<Record<number, ElfType>> = {
  1: "relocatable",
  2: "executable",
  3: "shared",
  4: "core",
};

/** Whether the bytes begin like an ELF file of any kind. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/**
 * Parses an x86-64 ELF file.
 *
 * @param name for messages, usually the path
 * @throws UklError ELF_INVALID when it is no ELF file, one for another machine, or damaged
 */
export function parseElf(bytes: Uint8Array, name: string): ElfFile {
  const view = viewOf(bytes);
  if (!isElf(bytes)) throw invalidElf(name, "it is not an ELF file");
  if (bytes.length < headerBytes) throw damagedElf(name);
  const machine = view.getUint16(18, bytes[5] !== 2);
  if (machine !== machineX8664)
    throw invalidElf(name, `it is for ${machineNames[machine] ?? `machine ${machine}`}, not for x86-64`);
  if (bytes[4] !== 2 || bytes[5] !== 1) throw invalidElf(name, "it is not a 64-bit little-endian ELF file");
  const type = elfTypes[view.getUint16(16, true)];
  if (type === undefined) throw invalidElf(name, "its type is unknown");
  try {
    return {
      bytes,
      type,
      entry: view.getBigUint64(24, true),
      segments: parseSegments(view),
      sections: parseSections(bytes, view),
    };
  } catch (error) {
    if (error instanceof RangeError) throw damagedElf(name, error);
    throw error;
  }
}

/** The bytes of a section in the file; empty when it has none there. */
export function sectionBytes(elf: ElfFile, section: ElfSection): Uint8Array {
  return section.type === sectionType.noBits
    ? new Uint8Array()
    : sliceBytes(elf.bytes, section.offset, section.sizeBytes);
}

/** The bytes of a segment in the file. */
export function segmentBytes(elf: ElfFile, segment: ElfSegment): Uint8Array {
  return sliceBytes(elf.bytes, segment.offset, segment.fileSizeBytes);
}

/** Whether the program needs a loader (PT_INTERP). */
export function isDynamic(elf: ElfFile): boolean {
  return elf.segments.some((segment) => segment.type === segmentType.interpreter);
}

/** The bytes of the file that are loaded at an address, up to the end of their segment; undefined where there are none. */
export function bytesAt(elf: ElfFile, address: bigint): Uint8Array | undefined {
  const segment = elf.segments.find(
    ({ type, address: start, fileSizeBytes }) =>
      type === segmentType.load && address >= start && address < start + BigInt(fileSizeBytes),
  );
  return segment && segmentBytes(elf, segment).subarray(Number(address - segment.address));
}

/** A view of exactly these bytes, wherever they lie in their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The error for a file that ends too early, or whose tables point out of it. */
export function damagedElf(name: string, cause?: unknown): UklError {
  return invalidElf(name, "it is damaged or cut short", {
    hint: "Build it, or copy it, once more; of a Debian package: sudo apt-get install --reinstall PACKAGE",
    cause,
  });
}

export function invalidElf(
  name: string,
  reason: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): UklError {
  return new UklError("ELF_INVALID", `Cannot use "${name}" as a program: ${reason}`, options);
}

/** The zero-terminated string at an offset of a string table. */
export function stringAt(table: Uint8Array, offset: number): string {
  const end = table.indexOf(0, offset);
  if (offset >= table.length || end < 0) throw new RangeError("string outside of its table");
  return Buffer.from(table.subarray(offset, end)).toString("latin1");
}

function parseSegments(view: DataView): ElfSegment[] {
  const start = toNumber(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (count > 0 && size < 56) throw new RangeError("program headers too small");
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    const segment = {
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: toNumber(view.getBigUint64(at + 8, true)),
      address: view.getBigUint64(at + 16, true),
      fileSizeBytes: toNumber(view.getBigUint64(at + 32, true)),
      memorySizeBytes: view.getBigUint64(at + 40, true),
      alignment: toNumber(view.getBigUint64(at + 48, true)),
      headerOffset: at,
    };
    checkRange(view.byteLength, segment.offset, segment.fileSizeBytes);
    return segment;
  });
}

function parseSections(bytes: Uint8Array, view: DataView): ElfSection[] {
  const start = toNumber(view.getBigUint64(40, true));
  const size = view.getUint16(58, true);
  if (start === 0) return [];
  if (size < 64) throw new RangeError("section headers too small");
  // Counts that do not fit into the header stand in section 0.
  const count = view.getUint16(60, true) || toNumber(view.getBigUint64(start + 32, true));
  const namesIndex = view.getUint16(62, true);
  const names = namesIndex === 0xffff ? view.getUint32(start + 40, true) : namesIndex;
  checkRange(view.byteLength, start, count * size);
  const raw = Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    const section = {
      nameOffset: view.getUint32(at, true),
      type: view.getUint32(at + 4, true),
      flags: view.getBigUint64(at + 8, true),
      address: view.getBigUint64(at + 16, true),
      offset: toNumber(view.getBigUint64(at + 24, true)),
      sizeBytes: toNumber(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
      entrySizeBytes: toNumber(view.getBigUint64(at + 56, true)),
    };
    if (index > 0 && section.type !== sectionType.noBits)
      checkRange(view.byteLength, section.offset, section.sizeBytes);
    return section;
  });
  const nameSection = raw[names];
  if (nameSection === undefined) throw new RangeError("no section names");
  const nameTable = sliceBytes(bytes, nameSection.offset, nameSection.sizeBytes);
  return raw.map(({ nameOffset, ...section }) => ({
    name: names === 0 ? "" : stringAt(nameTable, nameOffset),
    ...section,
  }));
}

function sliceBytes(bytes: Uint8Array, offset: number, sizeBytes: number): Uint8Array {
  checkRange(bytes.length, offset, sizeBytes);
  return bytes.subarray(offset, offset + sizeBytes);
}

function checkRange(totalBytes: number, offset: number, sizeBytes: number): void {
  if (offset + sizeBytes > totalBytes) throw new RangeError("part of the file is missing");
}

function toNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError("number out of range");
  return Number(value);
}
