// SPDX-License-Identifier: Apache-2.0
/** Whether a file is a program that can go into an image as it is. */

import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { findForeignSystems } from "../elf/find-foreign-systems.js";
import { findSharedLibraries } from "../elf/find-shared-libraries.js";
import { identifyElf } from "../elf/identify-elf.js";
import { type ElfFile, isElf, parseElf } from "../elf/parse-elf.js";
import { readDynamic } from "../elf/read-dynamic.js";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";
import { readInterpreterLine } from "./script.js";

/**
 * Reads a program, and refuses what cannot run.
 *
 * @throws UklError APP_NOT_FOUND, APP_INVALID with the reason; ELF_INVALID when it is damaged or for another machine
 */
export async function checkProgram(file: string): Promise<ElfFile> {
  const bytes = await readProgram(file);
  if (!isElf(bytes)) throw notElf(file, bytes);
  const elf = parseProgram(bytes, file);
  if (elf.type !== "executable" && elf.type !== "shared")
    throw new UklError("APP_INVALID", `Cannot run "${file}": it is not linked into a program`, {
      hint: `Link it: gcc -o program ${file}`,
    });
  const [system] = findForeignSystems(elf);
  if (system !== undefined)
    throw new UklError("APP_INVALID", `Cannot run "${file}": it was built for ${system}`, {
      hint: "Build or install it for Linux",
    });
  const { interpreter, name, isPie } = readDynamic(elf);
  if (interpreter === undefined && (name !== undefined || (elf.type === "shared" && !isPie)))
    throw new UklError("APP_INVALID", `Cannot run "${file}": it is a shared library`, {
      hint: "Name a program that uses it",
    });
  if (interpreter !== undefined) await requireLibraries(elf, file);
  return elf;
}

function parseProgram(bytes: Uint8Array, file: string): ElfFile {
  try {
    return parseElf(bytes, file);
  } catch (error) {
    const identity = identifyElf(bytes);
    if (!(error instanceof UklError) || identity === undefined || identity.machine === x8664) throw error;
    throw new UklError(error.code, error.message, { hint: "Build or install it for x86-64", cause: error });
  }
}

/** e_machine */
const x8664 = 62;

/** The loader would fail in the guest, where nobody sees which package is missing here. */
async function requireLibraries(elf: ElfFile, file: string): Promise<void> {
  const libraries = await findSharedLibraries(elf, await realpath(file));
  const missing = libraries.filter((library) => library.file === undefined).map(({ name }) => name);
  const [first] = missing;
  if (first === undefined) return;
  const what = missing.length === 1 ? "a shared library that is" : "shared libraries that are";
  throw new UklError(
    "APP_INVALID",
    `Cannot run "${file}": it needs ${what} not on this machine: ${missing.join(", ")}`,
    { hint: `Install the Debian package that has it: apt-file search ${path.basename(first)}` },
  );
}

async function readProgram(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM"))
      throw new UklError("APP_INVALID", `Cannot run "${file}": you may not read it`, {
        hint: `Run a copy that you may read: sudo install -m 755 -o "$USER" ${file} .`,
        cause: error,
      });
    if (!isSystemError(error, "ENOENT", "EISDIR")) throw explainSystemError(error, `read "${file}"`);
    throw new UklError("APP_NOT_FOUND", `Cannot find "${file}": there is no such file`);
  }
}

function notElf(file: string, bytes: Uint8Array): UklError {
  const line = readInterpreterLine(bytes);
  return line === undefined
    ? new UklError(
        "APP_INVALID",
        `Cannot run "${file}": it is neither a C, C++ or TypeScript file nor an ELF program`,
        {
          hint: "Name a program, a source file, or a directory that can be built; a script begins with #! and its interpreter",
        },
      )
    : new UklError(
        "APP_INVALID",
        `Cannot run "${file}" as a program: it is a script for ${line.interpreter}`,
        {
          hint: `ukl run ${file}`,
        },
      );
}
