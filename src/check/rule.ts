// SPDX-License-Identifier: Apache-2.0
/** What a rule of the check is: what it looks at, how bad it is, what to say and what to do. */

import type { Instruction } from "iced-x86";
import type { CheckedFile } from "./checked-file.js";
import type { Severity } from "./finding.js";

export interface Rule {
  /** Stable: people filter by it. */
  readonly id: string;
  readonly severity: Severity;
  /** One clause, without a full stop. */
  readonly message: (found: Found) => string;
  /** What to do about it, or why nothing needs to be done. */
  readonly advice: string | ((found: Found) => string);
}

export interface Found {
  /** How many places; 1 for the file as a whole. */
  readonly count: number;
  /** What was found, in its own words: libraries, functions, an interpreter; each once. */
  readonly details: readonly string[];
}

/** Looks at the file as a whole: headers, notes, segments, the dynamic section, libraries. */
export interface FileRule extends Rule {
  /** What there is to say; undefined when the file is as it should be. */
  readonly find: (file: CheckedFile) => readonly string[] | undefined;
}

/** Looks at every instruction. */
export interface InstructionRule extends Rule {
  /** The names in iced's table of encodings ("Popfq") among which it looks; "gs" for whatever has that prefix. */
  readonly encodings: RegExp | "gs";
  readonly matches?: (instruction: Instruction, place: InstructionPlace) => boolean;
}

export interface InstructionPlace {
  /** In the start object's routine for ring 3, which is never reached in ring 0. */
  readonly inRing3Stub: boolean;
  /** The instructions before it, the nearest first. */
  readonly before: () => Iterable<Instruction>;
  /** The instruction after it. */
  readonly after: () => Instruction;
}

/** Looks at what the program asks of the kernel, by system call or through the C library. */
export interface CallRule extends Rule {
  readonly requests: readonly KernelRequest[];
}

export interface KernelRequest {
  /** What the C library or another one calls it. */
  readonly functions: readonly string[];
  readonly systemCall?: number;
  /** Only with one of these as the first argument. */
  readonly firstArgument?: readonly number[];
}
