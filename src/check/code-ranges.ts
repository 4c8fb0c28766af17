// SPDX-License-Identifier: Apache-2.0
/**
 * Where the code is in a file, and how sure that is. Symbols and the unwinder's tables say where functions
 * begin and end; what they leave over may be code that says nothing of itself, padding, or data.
 */

import {
  type ElfFile,
  type ElfSection,
  sectionBytes,
  sectionFlag,
  segmentBytes,
  segmentFlag,
  segmentType,
} from "../elf/parse-elf.js";
import { readFrameRanges } from "../elf/read-frame-ranges.js";
import type { ElfSymbol, SymbolKind } from "../elf/read-symbols.js";

export interface CodeRange {
  /** Offsets in the section, the end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly name: string | undefined;
  /** `function`: its size is known; `label`: as far as the next symbol; `gap`: nothing says that it is code. */
  readonly kind: "function" | "label" | "gap";
}

export interface CodeSection {
  readonly name: string;
  /** Its index in the file; undefined of a segment in a file without sections. */
  readonly index: number | undefined;
  /** Of its first byte; 0 in an object. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** In order and without overlaps; what symbols call data is left out. */
  readonly ranges: readonly CodeRange[];
}

/** The executable sections, or segments where the section headers have been stripped. */
export function findCodeSections(elf: ElfFile, symbols: readonly ElfSymbol[]): CodeSection[] {
  const frames = readFrameRanges(elf);
  return findCode(elf).map((code) => {
    const placed = symbols.flatMap((symbol) => placeSymbol(elf, code, symbol));
    const framed = frames.flatMap(({ start, end }) => placeRange(code, { start, end, name: undefined }));
    return { ...code, ranges: divide(code.bytes.length, placed, framed) };
  });
}

type Code = Omit<CodeSection, "ranges">;

function findCode(elf: ElfFile): Code[] {
  const sections = elf.sections.flatMap((section, index): Code[] =>
    isCode(section) ? [{ ...section, index, bytes: sectionBytes(elf, section) }] : [],
  );
  if (elf.sections.length > 0) return sections;
  return elf.segments
    .filter(({ type, flags }) => type === segmentType.load && (flags & segmentFlag.execute) !== 0)
    .map((segment) => ({
      name: "code",
      index: undefined,
      address: segment.address,
      bytes: segmentBytes(elf, segment),
    }));
}

/** The stubs of the procedure linkage table only jump. */
function isCode({ flags, name }: ElfSection): boolean {
  return (
    !name.startsWith(".plt") && (flags & sectionFlag.allocate) !== 0n && (flags & sectionFlag.execute) !== 0n
  );
}

interface Placed {
  readonly start: number;
  /** Equal to the start when the size is not known. */
  readonly end: number;
  readonly name: string | undefined;
  readonly isData: boolean;
}

/** SHN_LORESERVE: from here on a number is no section; SHN_ABS says that the value is no address. */
const firstReserved = 0xff00;

const notPlaces: ReadonlySet<SymbolKind> = new Set(["section", "file", "tls"]);

function placeSymbol(elf: ElfFile, code: Code, symbol: ElfSymbol): Placed[] {
  const { kind, section, value, sizeBytes, name } = symbol;
  if (name === "" || section === undefined || section >= firstReserved || notPlaces.has(kind)) return [];
  if (elf.type === "relocatable" && section !== code.index) return [];
  return placeRange(code, { start: value, end: value + sizeBytes, name }).map((range) => ({
    ...range,
    isData: kind === "object",
  }));
}

function placeRange(
  code: Code,
  { start, end, name }: { start: bigint; end: bigint; name: string | undefined },
): Placed[] {
  const offset = start - code.address;
  const size = BigInt(code.bytes.length);
  if (offset < 0n || offset >= size) return [];
  const last = end - code.address;
  return [{ start: Number(offset), end: Number(last < size ? last : size), name, isData: false }];
}

function divide(sizeBytes: number, symbols: readonly Placed[], frames: readonly Placed[]): CodeRange[] {
  const sized = [...symbols.filter(({ start, end }) => end > start), ...frames].sort(byStartThenName);
  const labels = symbols.filter(({ start, end }) => end === start).sort(byStartThenName);
  const ranges: CodeRange[] = [];
  let at = 0;
  for (const { start, end, name, isData } of sized) {
    // Aliases of the one before, and second entry points inside of it.
    if (start < at) continue;
    ranges.push(...divideGap(at, start, labels));
    if (!isData) ranges.push({ start, end, name, kind: "function" });
    at = end;
  }
  return [...ranges, ...divideGap(at, sizeBytes, labels)];
}

function divideGap(start: number, end: number, labels: readonly Placed[]): CodeRange[] {
  const inside = labels.slice(indexFrom(labels, start), indexFrom(labels, end));
  const starts = [{ start, name: undefined }, ...inside];
  return starts
    .map((label, index) => ({
      start: label.start,
      end: starts[index + 1]?.start ?? end,
      name: label.name,
      kind: label.name === undefined ? ("gap" as const) : ("label" as const),
    }))
    .filter((range) => range.end > range.start);
}

/** The index of the first label at or after an offset. */
function indexFrom(labels: readonly Placed[], offset: number): number {
  let [low, high] = [0, labels.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((labels[middle]?.start ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of several names of one place the one for people: "read" before "__libc_read"; any before none. */
function byStartThenName(a: Placed, b: Placed): number {
  return a.start - b.start || awkwardness(a) - awkwardness(b) || b.end - a.end;
}

function awkwardness({ name }: Placed): number {
  return name === undefined
    ? Number.POSITIVE_INFINITY
    : (name.match(/^_*/)?.[0].length ?? 0) * 100 + name.length;
}
