// SPDX-License-Identifier: Apache-2.0
/**
 * The note that makes a program run in ring 0: owner "UKL", type 1, description
 * { le32 version; le32 flags; u8 buildId[20] }. Programs built by our toolchain carry it from the
 * start object; any other program gets it here, without a byte of its code or data being touched.
 */

import {
  type ElfFile,
  type ElfSegment,
  invalidElf,
  parseElf,
  segmentBytes,
  segmentType,
  viewOf,
} from "./parse-elf.js";
import { alignUp, readNotes } from "./read-notes.js";

export interface UklNote {
  /** The build ID of the one kernel that a directly linked program runs on, 20 bytes; undefined for any kernel. */
  readonly kernelBuildId: Uint8Array | undefined;
}

const owner = "UKL";
const noteType = 1;
const version = 1;
const flagDirectlyLinked = 1;
const buildIdBytes = 20;
const descriptionBytes = 8 + buildIdBytes;

/** The UKL note of a program, or undefined for an ordinary one. */
export function findUklNote(elf: ElfFile): UklNote | undefined {
  const note = readNotes(elf).find(isUklNote);
  if (note === undefined) return undefined;
  const linked = (viewOf(note.description).getUint32(4, true) & flagDirectlyLinked) !== 0;
  return {
    kernelBuildId: linked ? Uint8Array.from(note.description.subarray(8, descriptionBytes)) : undefined,
  };
}

/**
 * Returns a copy of a program that carries the note. A UKL note that is there is overwritten.
 * Otherwise one program header is pointed at a note appended to the file: a PT_NOTE, whose old
 * notes are kept, else PT_GNU_PROPERTY, else a PT_GNU_STACK that asks for what is the default.
 *
 * @param name for messages
 * @throws UklError ELF_INVALID when it is no x86-64 program or has no header to spare
 */
export function addUklNote(bytes: Uint8Array, note: UklNote, name: string): Uint8Array {
  const elf = parseElf(bytes, name);
  if (elf.type !== "executable" && elf.type !== "shared")
    throw invalidElf(name, "it is not a linked program");
  const present = readNotes(elf).find(isUklNote);
  if (present !== undefined) {
    // Not slice(), which on a Buffer shares the memory.
    const copy = Uint8Array.from(bytes);
    copy.set(encodeDescription(note), present.offset);
    return copy;
  }
  const header = findSpareHeader(elf);
  if (header === undefined)
    throw invalidElf(name, "none of its program headers can be spared for the UKL note");
  return appendNote(elf, header, encodeNote(note));
}

/** Whether `addUklNote` can add a note. */
export function hasRoomForUklNote(elf: ElfFile): boolean {
  return findSpareHeader(elf) !== undefined;
}

function isUklNote(note: { owner: string; type: number; description: Uint8Array }): boolean {
  return note.owner === owner && note.type === noteType && note.description.length >= descriptionBytes;
}

function findSpareHeader(elf: ElfFile): ElfSegment | undefined {
  const ofType = (type: number): ElfSegment[] => elf.segments.filter((segment) => segment.type === type);
  return (
    // Ours is aligned to 4, as the notes before it have to be.
    ofType(segmentType.note).find((segment) => segment.alignment !== 8) ??
    ofType(segmentType.gnuProperty)[0] ??
    ofType(segmentType.gnuStack).find((segment) => (segment.flags & 1) === 0) ??
    ofType(segmentType.note)[0]
  );
}

/**
 * The note segment moves in the file only: address and size in memory stay, because that is
 * where a C library reads the old notes, and ours is for the kernel, which reads the file.
 */
function appendNote(elf: ElfFile, header: ElfSegment, encoded: Uint8Array): Uint8Array {
  const keep = header.type === segmentType.note && header.alignment !== 8;
  const old = keep ? segmentBytes(elf, header) : new Uint8Array();
  const start = alignUp(elf.bytes.length, 16);
  const noteStart = start + alignUp(old.length, 4);
  const result = new Uint8Array(noteStart + encoded.length);
  result.set(elf.bytes);
  result.set(old, start);
  result.set(encoded, noteStart);
  const view = viewOf(result);
  view.setUint32(header.headerOffset, segmentType.note, true);
  view.setUint32(header.headerOffset + 4, 4, true);
  view.setBigUint64(header.headerOffset + 8, BigInt(start), true);
  view.setBigUint64(header.headerOffset + 32, BigInt(result.length - start), true);
  if (!keep) view.setBigUint64(header.headerOffset + 40, 0n, true);
  view.setBigUint64(header.headerOffset + 48, 4n, true);
  return result;
}

/** The whole note: three sizes, the owner with its zero (four bytes together), the description. */
export function encodeNote(note: UklNote): Uint8Array {
  const result = new Uint8Array(16 + descriptionBytes);
  const view = viewOf(result);
  view.setUint32(0, owner.length + 1, true);
  view.setUint32(4, descriptionBytes, true);
  view.setUint32(8, noteType, true);
  result.set(Buffer.from(owner, "latin1"), 12);
  result.set(encodeDescription(note), 16);
  return result;
}

function encodeDescription(note: UklNote): Uint8Array {
  const result = new Uint8Array(descriptionBytes);
  const view = viewOf(result);
  view.setUint32(0, version, true);
  if (note.kernelBuildId !== undefined) {
    if (note.kernelBuildId.length !== buildIdBytes) throw new RangeError("a kernel build ID has 20 bytes");
    view.setUint32(4, flagDirectlyLinked, true);
    result.set(note.kernelBuildId, 8);
  }
  return result;
}
