// SPDX-License-Identifier: Apache-2.0
/** The notes of an ELF program: what its PT_NOTE segments hold. */

import { type ElfFile, type ElfSegment, segmentBytes, segmentType, viewOf } from "./parse-elf.js";

export interface ElfNote {
  /** "GNU", "UKL", … without the terminating zero. */
  readonly owner: string;
  readonly type: number;
  readonly description: Uint8Array;
  /** Where the description lies in the file. */
  readonly offset: number;
}

/** All notes of all PT_NOTE segments, in order. What cannot be a note ends its segment. */
export function readNotes(elf: ElfFile): ElfNote[] {
  return elf.segments
    .filter((segment) => segment.type === segmentType.note)
    .flatMap((segment) => notesOfSegment(elf, segment));
}

const headerBytes = 12;

function notesOfSegment(elf: ElfFile, segment: ElfSegment): ElfNote[] {
  const bytes = segmentBytes(elf, segment);
  const view = viewOf(bytes);
  // Notes are aligned to 4 by their specification and to 8 in .note.gnu.property.
  const alignment = segment.alignment === 8 ? 8 : 4;
  const notes: ElfNote[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const ownerBytes = view.getUint32(at, true);
    const descriptionAt = alignUp(at + headerBytes + ownerBytes, alignment);
    const end = descriptionAt + view.getUint32(at + 4, true);
    if (end > bytes.length) break;
    const owner = bytes.subarray(at + headerBytes, at + headerBytes + Math.max(0, ownerBytes - 1));
    notes.push({
      owner: Buffer.from(owner).toString("latin1"),
      type: view.getUint32(at + 8, true),
      description: bytes.subarray(descriptionAt, end),
      offset: segment.offset + descriptionAt,
    });
    at = alignUp(end, alignment);
  }
  return notes;
}

/** The next multiple of a power of two. */
export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
