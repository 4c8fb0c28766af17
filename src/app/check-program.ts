// SPDX-License-Identifier: Apache-2.0
/** Whether a file is a program that can go into an image as it is. */

import { readFile } from "node:fs/promises";
import { type ElfFile, isDynamic, isElf, parseElf } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";

/**
 * Reads a program, and refuses what cannot run.
 *
 * @throws UklError APP_NOT_FOUND, APP_INVALID with the reason; ELF_INVALID when it is damaged or for another machine
 */
export async function checkProgram(file: string): Promise<ElfFile> {
  const bytes = await readProgram(file);
  if (!isElf(bytes)) throw notElf(file, bytes);
  const elf = parseElf(bytes, file);
  if (elf.type !== "executable" && elf.type !== "shared")
    throw new UklError("APP_INVALID", `Cannot run "${file}": it is not linked into a program`);
  if (isDynamic(elf))
    throw new UklError(
      "APP_INVALID",
      `Cannot run "${file}": it needs shared libraries, which an image lacks`,
      { hint: "Link it with -static" },
    );
  return elf;
}

async function readProgram(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "EISDIR")) throw explainSystemError(error, `read "${file}"`);
    throw new UklError("APP_NOT_FOUND", `Cannot find "${file}": there is no such file`);
  }
}

function notElf(file: string, bytes: Uint8Array): UklError {
  const interpreter = /^#!\s*(\S[^\n]*)/.exec(Buffer.from(bytes.subarray(0, 200)).toString("latin1"))?.[1];
  return interpreter === undefined
    ? new UklError("APP_INVALID", `Cannot run "${file}": it is neither a C or C++ file nor an ELF program`)
    : new UklError("APP_INVALID", `Cannot run "${file}": it is a script for ${interpreter.trim()}`, {
        hint: "An image runs one program: name the program that the script starts, if it is an ELF file",
      });
}
