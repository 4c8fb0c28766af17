// SPDX-License-Identifier: Apache-2.0
/** What is given to a check and is not for x86-64 Linux: programs of other machines and systems, text. */

import { identifyElf } from "../elf/identify-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { RuleId } from "./rules.js";

/** The one thing to say of a file that is not for x86-64 Linux at all. */
export interface Misfit {
  readonly rule: RuleId;
  readonly detail: string;
}

/** What the file is instead; undefined of an x86-64 ELF file, and of what nobody knows. */
export function findMisfit(bytes: Uint8Array): Misfit | undefined {
  const format = foreignFormats.find(([start]) => start.every((byte, index) => bytes[index] === byte));
  if (format !== undefined) return { rule: "foreign-format", detail: format[1] };
  const identity = identifyElf(bytes);
  if (identity === undefined) return undefined;
  const { bits, machine, machineName = `e_machine ${machine}`, littleEndian } = identity;
  const isX86 = machine === 62 || machine === 3;
  if (!isX86 || !littleEndian) return { rule: "another-machine", detail: machineName };
  return bits === 32 ? { rule: "32-bit", detail: machine === 62 ? "x32" : machineName } : undefined;
}

/** The error for what is neither code nor anything that has a name. */
export function unknownFormat(path: string, bytes: Uint8Array): UklError {
  const isScript = Buffer.from(bytes.subarray(0, linkerScript.length)).toString("latin1") === linkerScript;
  return isScript
    ? new UklError("CHECK_UNKNOWN_FORMAT", `Cannot check "${path}": it is a script for the linker`, {
        hint: `Check the libraries that it names: cat ${path}`,
      })
    : new UklError(
        "CHECK_UNKNOWN_FORMAT",
        `Cannot check "${path}": it is no ELF file, archive, script, or C, C++ or TypeScript file`,
        {
          hint: "Name one of these, or a directory that can be built; a script begins with #! and its interpreter",
        },
      );
}

const foreignFormats: readonly (readonly [start: readonly number[], name: string])[] = [
  [[0x4d, 0x5a], "a Windows program"],
  [[0xcf, 0xfa, 0xed, 0xfe], "a macOS program"],
  [[0xca, 0xfe, 0xba, 0xbe], "a Java class or a macOS program"],
  [[0x00, 0x61, 0x73, 0x6d], "WebAssembly"],
  [[0x42, 0x43, 0xc0, 0xde], "LLVM bitcode"],
];

/** In the place of a library there may be a text that names others. */
const linkerScript = "/* GNU ld script";
