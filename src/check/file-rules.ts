// SPDX-License-Identifier: Apache-2.0
/** What headers, notes, segments and libraries tell. */

import path from "node:path";
import { findForeignSystems } from "../elf/find-foreign-systems.js";
import { sectionBytes, sectionFlag, sectionType, segmentFlag, segmentType } from "../elf/parse-elf.js";
import { readNotes } from "../elf/read-notes.js";
import { hasRoomForUklNote } from "../elf/ukl-note.js";
import { plural } from "../log/plural.js";
import type { CheckedFile, CheckedObject } from "./checked-file.js";
import { isVsyscall } from "./instruction-rules.js";
import type { FileRule } from "./rule.js";

export const fileRules = [
  {
    id: "kernel-addresses",
    severity: "blocker",
    find: ({ objects }) =>
      some(objects, ({ elf }) =>
        elf.segments.some(({ type, address }) => type === segmentType.load && address >= userHalfEnd),
      ),
    message: () => "It is linked for addresses of the kernel",
    advice: "Link it as an ordinary program, below 2^47. A kernel cannot run inside of another",
  },
  {
    id: "kernel-module",
    severity: "blocker",
    find: ({ objects }) => some(objects, ({ elf }) => elf.sections.some(({ name }) => name === ".modinfo")),
    message: () => "It is a kernel module",
    advice: "Load it into a kernel of its version; check the program that uses it",
  },
  {
    id: "another-system",
    severity: "blocker",
    find: ({ objects }) => collect(objects, ({ elf }) => findForeignSystems(elf)),
    message: ({ details }) => `It was built for another operating system (${details.join(", ")})`,
    advice: "Build it for Linux",
  },
  {
    id: "other-kernel",
    severity: "blocker",
    find: ({ note, kernels }) => {
      if (note?.kernelBuildId === undefined) return undefined;
      const wanted = Buffer.from(note.kernelBuildId).toString("hex");
      return kernels.some(({ buildId }) => buildId === wanted) ? undefined : [wanted];
    },
    message: ({ details }) =>
      `It was linked against a kernel that is not in the cache (build ID ${details[0]?.slice(0, 12)}…)`,
    advice:
      "Such a program runs on that one kernel only. Take the program as it was before it was linked: ukl build does that itself",
  },
  {
    id: "no-room-for-note",
    severity: "blocker",
    find: (file) =>
      isProgram(file) && file.note === undefined
        ? some(file.objects, ({ elf }) => !hasRoomForUklNote(elf))
        : undefined,
    message: () => "It has no program header to spare for the note that takes it to ring 0",
    advice: "Link it with --build-id, which makes a PT_NOTE",
  },
  {
    id: "missing-library",
    severity: "blocker",
    find: ({ libraries }) =>
      names(libraries.filter(({ file }) => file === undefined).map(({ name }) => name)),
    message: ({ details }) => `Shared libraries that are not on this machine: ${details.join(", ")}`,
    advice: ({ details }) =>
      `Install the Debian packages that have them: apt-file search ${path.basename(details[0] ?? "")}`,
  },
  {
    id: "dynamic",
    severity: "slower",
    find: ({ form, libraries }) =>
      form === "dynamic"
        ? libraries.filter(({ file }) => file !== undefined).map(({ name, file }) => file ?? name)
        : undefined,
    message: ({ details }) =>
      `A dynamic program: its system calls, and those of its libraries, stay instructions${details.length === 0 ? "" : ` (${details.join(", ")})`}`,
    advice:
      "Link it with our toolchain, which makes static programs, for system calls that are function calls",
  },
  {
    id: "note-lost",
    severity: "slower",
    find: ({ callSites, note }) => (callSites !== undefined && note === undefined ? [] : undefined),
    message: () =>
      "It was built by our toolchain, but lost the note that takes it to ring 0: it runs in ring 3",
    advice: "Do not remove .note.ukl; strip --strip-debug keeps it",
  },
  {
    id: "out-of-reach",
    severity: "slower",
    find: ({ callSites, kernels }) => {
      const target = kernels[0]?.systemCallEntry ?? kernelText;
      const far = (callSites ?? []).filter((address) => !isInReach(address, target));
      return far.length === 0 ? undefined : [plural(far.length, "call")];
    },
    message: ({ details }) =>
      `Out of the kernel's reach: ${details[0]} from above 16 MiB cannot be linked directly`,
    advice: "Build its image with --vector, or link its text lower (-Wl,-Ttext-segment=0x400000, less code)",
  },
  {
    id: "stripped",
    severity: "note",
    find: (file) => (isProgram(file) ? some(file.objects, ({ symbols }) => symbols.length === 0) : undefined),
    message: () => "It is stripped: profilers, backtraces and this report cannot name its functions",
    advice: "Use strip --strip-debug, which keeps the names of functions",
  },
  {
    id: "executable-stack",
    severity: "note",
    find: (file) => collect(file.objects, executableStack),
    message: ({ details }) =>
      `Its stack is executable${inMembers(details)}: at CPL 0 an overflow that is exploited owns the machine`,
    advice:
      'In assembler files say: .section .note.GNU-stack, "", @progbits. Nested functions of GNU C need one',
  },
  {
    id: "writable-code",
    severity: "note",
    find: ({ objects }) =>
      some(objects, ({ elf }) =>
        elf.segments.some(({ type, flags }) => type === segmentType.load && (flags & 3) === 3),
      ),
    message: () => "It has memory that is both writable and executable",
    advice: "Link it without -N and --omagic, and without flags of its own on code sections",
  },
  {
    id: "control-flow-enforcement",
    severity: "note",
    find: ({ objects }) =>
      some(objects, ({ elf }) =>
        readNotes(elf).some((note) => note.type === gnuProperty && hasCet(note.description)),
      ),
    message: () =>
      "It is marked for shadow stacks and endbr64 (-fcf-protection), which a process has and CPL 0 has not",
    advice: "Nothing to do: endbr64 does nothing here, returns are not checked",
  },
  {
    id: "vsyscall-pointer",
    severity: "blocker",
    find: ({ objects }) => collect(objects, vsyscallPointers),
    message: ({ details }) =>
      `Pointers to the vsyscall page in ${details.join(", ")}: the kernel has none, a call there is a SIGSEGV`,
    advice: "Build it with a C library of this century: they use the vDSO, which works",
  },
  {
    id: "link-time-code",
    severity: "note",
    find: ({ objects }) => names(objects.filter(isSlimLto).map(({ name }) => name ?? "the object")),
    message: ({ details }) =>
      `Not compiled yet, but intermediate code for the linker (${details.join(", ")}): not checked`,
    advice: "Check the program that is linked of it, or compile with -ffat-lto-objects",
  },
  {
    id: "not-code",
    severity: "note",
    find: ({ otherMembers }) => names(otherMembers),
    message: ({ details }) => `Members that are not x86-64 objects: ${details.join(", ")}`,
    advice: "The linker ignores or refuses them",
  },
] as const satisfies readonly FileRule[];

const userHalfEnd = 1n << 47n;

/** Where the kernel's text is when it is not randomised. */
const kernelText = 0xffffffff81000000n;

/** NT_GNU_PROPERTY_TYPE_0, with GNU_PROPERTY_X86_FEATURE_1_AND among its properties. */
const gnuProperty = 5;
const x86Feature1 = 0xc0000002;

function isProgram({ form }: CheckedFile): boolean {
  return form === "static" || form === "static-pie" || form === "dynamic";
}

function names(found: readonly string[]): readonly string[] | undefined {
  return found.length === 0 ? undefined : found;
}

function some(
  objects: readonly CheckedObject[],
  holds: (object: CheckedObject) => boolean,
): readonly string[] | undefined {
  return objects.some(holds) ? [] : undefined;
}

function collect(
  objects: readonly CheckedObject[],
  find: (object: CheckedObject) => readonly string[],
): readonly string[] | undefined {
  return names([...new Set(objects.flatMap(find))]);
}

function inMembers(details: readonly string[]): string {
  const members = details.filter((name) => name !== "");
  return members.length === 0 ? "" : ` (${members.join(", ")})`;
}

/** A call's displacement is a signed number of 32 bits, and addresses wrap around. */
function isInReach(address: bigint, target: bigint): boolean {
  const displacement = BigInt.asIntN(64, target - (address + 5n));
  return displacement === BigInt.asIntN(32, displacement);
}

/** A program says so in PT_GNU_STACK, an object in the flags of .note.GNU-stack. */
function executableStack({ name = "", elf }: CheckedObject): string[] {
  const inSegment = elf.segments.some(
    ({ type, flags }) => type === segmentType.gnuStack && (flags & segmentFlag.execute) !== 0,
  );
  const inSection = elf.sections.some(
    (section) => section.name === ".note.GNU-stack" && (section.flags & sectionFlag.execute) !== 0n,
  );
  return inSegment || inSection ? [name] : [];
}

function hasCet(properties: Uint8Array): boolean {
  const view = new DataView(properties.buffer, properties.byteOffset, properties.byteLength);
  for (let at = 0; at + 12 <= view.byteLength; at += 8 + Math.ceil(view.getUint32(at + 4, true) / 8) * 8)
    if (view.getUint32(at, true) === x86Feature1) return (view.getUint32(at + 8, true) & 3) !== 0;
  return false;
}

/** Aligned words of data that are addresses on the page; where code is, the instructions tell more. */
function vsyscallPointers({ elf }: CheckedObject): string[] {
  const upper = Buffer.from([0x60, 0xff, 0xff, 0xff, 0xff, 0xff]);
  return elf.sections
    .filter(
      ({ flags, type }) =>
        (flags & sectionFlag.allocate) !== 0n &&
        (flags & sectionFlag.execute) === 0n &&
        type !== sectionType.noBits,
    )
    .filter((section) => {
      const bytes = sectionBytes(elf, section);
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = buffer.indexOf(upper); at >= 0; at = buffer.indexOf(upper, at + 1))
        if (at >= 2 && (at - 2) % 8 === 0 && isVsyscall(buffer.readBigUInt64LE(at - 2))) return true;
      return false;
    })
    .map(({ name }) => name);
}

function isSlimLto({ elf, symbols }: CheckedObject): boolean {
  return (
    symbols.some(({ name }) => name === "__gnu_lto_slim") ||
    (elf.type === "relocatable" &&
      elf.sections.some(({ name }) => name.startsWith(".gnu.lto_")) &&
      !elf.sections.some(({ flags, sizeBytes }) => (flags & sectionFlag.execute) !== 0n && sizeBytes > 0))
  );
}
