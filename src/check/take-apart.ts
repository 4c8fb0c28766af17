// SPDX-License-Identifier: Apache-2.0
/** Takes a file apart for the rules: what it is, its objects, its libraries; or why it cannot be. */

import { findCallSites, hasCallSites } from "../app/bind-program.js";
import { findSharedLibraries } from "../elf/find-shared-libraries.js";
import { type ElfFile, isDynamic, isElf, parseElf, sectionType } from "../elf/parse-elf.js";
import { isArchive, readArchive } from "../elf/read-archive.js";
import { readDynamic } from "../elf/read-dynamic.js";
import { readSymbols } from "../elf/read-symbols.js";
import { findUklNote } from "../elf/ukl-note.js";
import { UklError } from "../errors/ukl-error.js";
import type { CheckedFile, CheckedObject } from "./checked-file.js";
import { findCodeSections } from "./code-ranges.js";
import { findMisfit, type Misfit, unknownFormat } from "./find-misfit.js";
import type { CheckedForm } from "./finding.js";

export type TakenApart = Omit<CheckedFile, "kernels">;

/**
 * @throws UklError ELF_INVALID when the file is damaged, CHECK_UNKNOWN_FORMAT when nobody knows what it is
 */
export async function takeApart(path: string, bytes: Uint8Array): Promise<TakenApart | Misfit> {
  if (isArchive(bytes)) return takeArchiveApart(path, bytes);
  const misfit = findMisfit(bytes);
  if (misfit !== undefined) return misfit;
  if (!isElf(bytes)) throw unknownFormat(path, bytes);
  const elf = parseElf(bytes, path);
  const form = formOf(elf, path);
  const object = openObject(elf, undefined);
  const isOurs = elf.type === "executable" && hasCallSites(elf);
  return {
    path,
    form,
    objects: [object],
    otherMembers: [],
    libraries: form === "dynamic" ? await findSharedLibraries(elf, path) : [],
    note: findUklNote(elf),
    callSites: isOurs ? findCallSites(elf, path).map(({ address }) => address) : undefined,
    ring3Stub: isOurs ? findRing3Stub(object) : undefined,
  };
}

/** An ELF file with its symbols and code. */
export function openObject(elf: ElfFile, name: string | undefined): CheckedObject {
  const table = readSymbols(elf);
  // What a library exports stays when it is stripped.
  const symbols = table.length > 0 ? table : readSymbols(elf, sectionType.dynamicSymbols);
  return { name, elf, symbols: table, code: findCodeSections(elf, symbols) };
}

/** The third function of the start object, which begins with the entry point; it may be stripped of its name. */
function findRing3Stub({ elf, code }: CheckedObject): bigint | undefined {
  const functions = code.flatMap(({ address, ranges }) =>
    ranges
      .filter(({ kind }) => kind === "function")
      .map(({ start, name }) => ({ start: address + BigInt(start), name })),
  );
  const named = functions.find(({ name }) => name === "ukl_syscall_by_instruction");
  return (named ?? functions.filter(({ start }) => start >= elf.entry)[2])?.start;
}

function formOf(elf: ElfFile, path: string): CheckedForm {
  if (elf.type === "core")
    throw new UklError("CHECK_UNKNOWN_FORMAT", `Cannot check "${path}": it is a core dump`, {
      hint: "Check the program that left it",
    });
  if (elf.type === "relocatable") return "object";
  const { name, isPie } = readDynamic(elf);
  // The C library can be started, too.
  if (name !== undefined) return "library";
  if (isDynamic(elf)) return "dynamic";
  if (elf.type === "executable") return "static";
  return isPie ? "static-pie" : "library";
}

function takeArchiveApart(path: string, bytes: Uint8Array): TakenApart {
  const members = readArchive(bytes, path);
  const thin = members.find((member) => member.bytes === undefined);
  if (thin !== undefined)
    throw new UklError(
      "CHECK_UNKNOWN_FORMAT",
      `Cannot check "${path}": it is a thin archive, without its members`,
      {
        hint: `Check the objects that it names, as "${thin.name}"`,
      },
    );
  const isCode = (content: Uint8Array): boolean => isElf(content) && findMisfit(content) === undefined;
  const objects = members.filter((member) => isCode(member.bytes ?? new Uint8Array()));
  return {
    path,
    form: "archive",
    objects: objects.map((member) =>
      openObject(parseElf(member.bytes ?? new Uint8Array(), `${path}(${member.name})`), member.name),
    ),
    otherMembers: members.filter((member) => !objects.includes(member)).map(({ name }) => name),
    libraries: [],
    note: undefined,
    callSites: undefined,
    ring3Stub: undefined,
  };
}
