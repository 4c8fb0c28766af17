// SPDX-License-Identifier: Apache-2.0
/** What a call instruction calls: by address in a program, by relocation in an object, through the PLT or the GOT. */

import { sectionBytes, viewOf } from "../elf/parse-elf.js";
import { type ElfRelocation, readRelocations } from "../elf/read-relocations.js";
import type { CheckedObject } from "./checked-file.js";
import type { CodeSection } from "./code-ranges.js";

/** The target of every system call that our assembler made. */
export const kernelEntry = "__ukl_syscall";

/** The name of what the instruction at an offset calls or jumps to, if it is among the wanted. */
export type CallTargets = (section: CodeSection, offset: number) => string | undefined;

/**
 * @param wanted names of functions
 * @param callSites addresses that are known to call the kernel, whatever their target is
 */
export function findCallTargets(
  object: CheckedObject,
  wanted: ReadonlySet<string>,
  callSites: readonly bigint[] = [],
): CallTargets {
  const relocations = readRelocations(object.elf).filter(({ symbol }) => wanted.has(symbol));
  if (object.elf.type === "relocatable") return targetsOfObject(relocations);
  const slots = new Map(relocations.map(({ offset, symbol }) => [Number(offset), symbol]));
  const functions = new Map(
    object.symbols
      .filter(({ name, section }) => section !== undefined && wanted.has(name))
      .map(({ value, name }) => [Number(value), name]),
  );
  for (const [address, name] of findStubs(object, slots)) functions.set(address, name);
  const sites = new Set(callSites.map(Number));
  return (section, offset) => {
    const address = Number(section.address) + offset;
    if (sites.has(address)) return kernelEntry;
    const { bytes } = section;
    if (isDirect(bytes, offset)) return functions.get(address + 5 + readInt32(bytes, offset + 1));
    return isThroughSlot(bytes, offset) ? slots.get(address + 6 + readInt32(bytes, offset + 2)) : undefined;
  };
}

function targetsOfObject(relocations: readonly ElfRelocation[]): CallTargets {
  const places = new Map(relocations.map(({ section, offset, symbol }) => [`${section}:${offset}`, symbol]));
  if (places.size === 0) return () => undefined;
  return ({ bytes, index }, offset) => {
    if (isDirect(bytes, offset)) return places.get(`${index}:${offset + 1}`);
    return isThroughSlot(bytes, offset) ? places.get(`${index}:${offset + 2}`) : undefined;
  };
}

/** The stubs of the PLT: each jumps through its slot of the GOT. */
function findStubs({ elf }: CheckedObject, slots: ReadonlyMap<number, string>): [number, string][] {
  if (slots.size === 0) return [];
  return elf.sections
    .filter(({ name }) => /^\.plt(\.sec|\.got)?$/.test(name))
    .flatMap((section) => {
      const bytes = sectionBytes(elf, section);
      const stubs: [number, string][] = [];
      for (let at = 0; at + 6 <= bytes.length; at += 1) {
        if (!isThroughSlot(bytes, at)) continue;
        const base = Number(section.address);
        const name = slots.get(base + at + 6 + readInt32(bytes, at + 2));
        // A stub is aligned to 8 or 16, and may begin with endbr64 or a prefix.
        if (name !== undefined) stubs.push([base + (at & ~7), name], [base + (at & ~15), name]);
      }
      return stubs;
    });
}

/** call rel32, jmp rel32. */
function isDirect(bytes: Uint8Array, offset: number): boolean {
  return (bytes[offset] === 0xe8 || bytes[offset] === 0xe9) && offset + 5 <= bytes.length;
}

/** call *rel32(%rip), jmp *rel32(%rip). */
function isThroughSlot(bytes: Uint8Array, offset: number): boolean {
  const modrm = bytes[offset + 1];
  return bytes[offset] === 0xff && (modrm === 0x15 || modrm === 0x25) && offset + 6 <= bytes.length;
}

function readInt32(bytes: Uint8Array, offset: number): number {
  return viewOf(bytes).getInt32(offset, true);
}
