// SPDX-License-Identifier: Apache-2.0
/**
 * Where functions begin and end according to the unwinder's tables (.eh_frame): known of compiled
 * code even when the symbols are stripped.
 */

import { type ElfFile, sectionBytes, viewOf } from "./parse-elf.js";

export interface AddressRange {
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
}

/**
 * The ranges of all frame descriptions, in the order of the file. Only programs: in an object they are
 * not relocated yet, and its symbols say as much.
 */
export function readFrameRanges(elf: ElfFile): AddressRange[] {
  const section = elf.sections.find(({ name }) => name === ".eh_frame");
  if (section === undefined || elf.type === "relocatable") return [];
  const bytes = sectionBytes(elf, section);
  const view = viewOf(bytes);
  const ranges: AddressRange[] = [];
  const encodings = new Map<number, number | undefined>();
  for (let at = 0; at + 8 <= bytes.length; ) {
    const sizeBytes = view.getUint32(at, true);
    // Zero ends the table; 64-bit lengths are for tables of 4 GiB.
    if (sizeBytes === 0 || sizeBytes === 0xffffffff || at + 4 + sizeBytes > bytes.length) break;
    const distance = view.getUint32(at + 4, true);
    if (distance === 0) encodings.set(at, readEncoding(bytes, at + 8));
    else {
      const encoding = encodings.get(at + 4 - distance);
      const range = readRange(view, at + 8, encoding, section.address);
      if (range !== undefined && range.end > range.start) ranges.push(range);
    }
    at += 4 + sizeBytes;
  }
  return ranges;
}

/** DW_EH_PE_pcrel | DW_EH_PE_sdata4, which all compilers use, and absolute pointers of 4 and 8 bytes. */
const pcRelative32 = 0x1b;
const absolute32 = 0x03;
const absolute64 = 0x00;

function readRange(
  view: DataView,
  at: number,
  encoding: number | undefined,
  address: bigint,
): AddressRange | undefined {
  if (encoding === pcRelative32) {
    const start = address + BigInt(at + view.getInt32(at, true));
    return { start, end: start + BigInt(view.getUint32(at + 4, true)) };
  }
  if (encoding === absolute32) {
    const start = BigInt(view.getUint32(at, true));
    return { start, end: start + BigInt(view.getUint32(at + 4, true)) };
  }
  if (encoding !== absolute64) return undefined;
  const start = view.getBigUint64(at, true);
  return { start, end: start + view.getBigUint64(at + 8, true) };
}

/** How a CIE's descriptions write pointers; undefined when it says so in a way that no compiler uses. */
function readEncoding(bytes: Uint8Array, start: number): number | undefined {
  const end = bytes.indexOf(0, start + 1);
  const augmentation = Buffer.from(bytes.subarray(start + 1, end)).toString("latin1");
  if (!augmentation.startsWith("z")) return augmentation === "" ? absolute64 : undefined;
  // Code alignment, data alignment, return address register, length of what follows: LEB128 numbers.
  let at = end + 1;
  for (let number = 0; number < 4; number++) at = skipNumber(bytes, at);
  for (const letter of augmentation.slice(1)) {
    if (letter === "R") return bytes[at];
    if (letter === "L") at += 1;
    else if (letter === "P") at += 1 + pointerBytes(bytes[at] ?? 0);
    else if (letter !== "S" && letter !== "B") return undefined;
  }
  return absolute64;
}

function skipNumber(bytes: Uint8Array, at: number): number {
  let end = at;
  while (((bytes[end] ?? 0) & 0x80) !== 0) end += 1;
  return end + 1;
}

function pointerBytes(encoding: number): number {
  return { 2: 2, 3: 4, 4: 8 }[encoding & 7] ?? 8;
}
