// SPDX-License-Identifier: Apache-2.0
/** What the rules look at: one file, taken apart once. */

import type { SharedLibrary } from "../elf/find-shared-libraries.js";
import type { ElfFile } from "../elf/parse-elf.js";
import type { ElfSymbol } from "../elf/read-symbols.js";
import type { UklNote } from "../elf/ukl-note.js";
import type { BuiltKernel } from "../kernel/find-kernels.js";
import type { CodeSection } from "./code-ranges.js";
import type { CheckedForm } from "./finding.js";

/** An ELF file of its own: the program or object, a member of the archive, or a shared library. */
export interface CheckedObject {
  /** Of a member or a library; undefined of the file itself. */
  readonly name: string | undefined;
  readonly elf: ElfFile;
  readonly symbols: readonly ElfSymbol[];
  readonly code: readonly CodeSection[];
}

export interface CheckedFile {
  readonly path: string;
  readonly form: CheckedForm;
  /** Without the shared libraries. */
  readonly objects: readonly CheckedObject[];
  /** Members of an archive that hold no x86-64 machine code. */
  readonly otherMembers: readonly string[];
  /** What a dynamic program needs, its loader first. */
  readonly libraries: readonly SharedLibrary[];
  readonly note: UklNote | undefined;
  /** Where its table says that it calls the kernel; undefined when our toolchain did not link it. */
  readonly callSites: readonly bigint[] | undefined;
  /** The address of the start object's routine for ring 3, in a program that our toolchain linked. */
  readonly ring3Stub: bigint | undefined;
  /** Kernels with our patches in the cache, the one last used first. */
  readonly kernels: readonly BuiltKernel[];
}
