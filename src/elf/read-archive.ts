// SPDX-License-Identifier: Apache-2.0
/** Reads static archives as `ar` writes them, GNU's long member names included. */

import { invalidElf } from "./parse-elf.js";

export interface ArchiveMember {
  readonly name: string;
  /** Undefined in a thin archive, whose members are files beside it. */
  readonly bytes: Uint8Array | undefined;
}

const magic = "!<arch>\n";
const thinMagic = "!<thin>\n";
const headerBytes = 60;

export function isArchive(bytes: Uint8Array): boolean {
  const start = text(bytes, 0, magic.length);
  return start === magic || start === thinMagic;
}

/**
 * The members in the order of the archive, without its indexes.
 *
 * @param name for messages
 * @throws UklError ELF_INVALID when the archive is damaged
 */
export function readArchive(bytes: Uint8Array, name: string): ArchiveMember[] {
  const thin = text(bytes, 0, thinMagic.length) === thinMagic;
  const members: ArchiveMember[] = [];
  let longNames = "";
  for (let at = magic.length; at < bytes.length; ) {
    const field = text(bytes, at, 16).trimEnd();
    const sizeBytes = Number(text(bytes, at + 48, 10).trimEnd());
    if (text(bytes, at + 58, 2) !== "`\n" || !Number.isSafeInteger(sizeBytes))
      throw invalidElf(name, "the archive is damaged");
    const isTable = /^\/(\/|SYM64\/)?$/.test(field);
    const start = at + headerBytes;
    // A thin archive holds its tables, but not its members.
    const end = thin && !isTable ? start : start + sizeBytes;
    if (end > bytes.length) throw invalidElf(name, "the archive is cut short");
    if (field === "//") longNames = text(bytes, start, sizeBytes);
    if (!isTable)
      members.push({
        name: memberName(field, longNames),
        bytes: thin ? undefined : bytes.subarray(start, end),
      });
    at = end + (end % 2);
  }
  return members;
}

/** "name.o/", or "/123", an offset in the table of long names, each of which ends with "/\n". */
function memberName(field: string, longNames: string): string {
  const offset = /^\/(\d+)$/.exec(field)?.[1];
  if (offset === undefined) return field.replace(/\/$/, "");
  const rest = longNames.slice(Number(offset));
  return rest.slice(0, rest.indexOf("\n")).replace(/\/$/, "");
}

function text(bytes: Uint8Array, at: number, size: number): string {
  return Buffer.from(bytes.subarray(at, at + size)).toString("latin1");
}
