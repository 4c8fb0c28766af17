// SPDX-License-Identifier: Apache-2.0
/** What a check finds: plain objects, which `ukl check --json` prints as they are. */

import type { Level } from "../config/level.js";
import type { RuleId } from "./rules.js";

/** `blocker`: it cannot run, or breaks when it gets there. `slower`: it works, at a cost. `note`: it behaves otherwise. */
export const severities = ["blocker", "slower", "note"] as const;

export type Severity = (typeof severities)[number];

/** A place in the code. */
export interface Site {
  /** The member of the archive or the shared library; undefined in the file itself. */
  readonly object: string | undefined;
  /** "read+0x12"; ".text+0x40" where no symbol is known. */
  readonly place: string;
  /** Hexadecimal; in an object the offset in its section. */
  readonly address: string;
  /** "server.c:120" where there is debug information. */
  readonly line: string | undefined;
  /** The instruction, in the assembler's words. */
  readonly instruction: string;
}

export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** Where it is a guess: bytes that nothing says are code. */
  readonly guess: boolean;
  readonly message: string;
  readonly advice: string;
  /** All places, in the order of the code; empty where it is the file as a whole. */
  readonly sites: readonly Site[];
}

/** `static-pie`: static, and loaded wherever the kernel likes. */
export type CheckedForm = "static" | "static-pie" | "dynamic" | "object" | "archive" | "library" | "other";

export interface CheckReport {
  /** As it was given. */
  readonly path: string;
  /** The program that was built of it, or that runs the script; undefined when it is the file itself. */
  readonly program: string | undefined;
  readonly form: CheckedForm;
  /** The level it gets; undefined when it cannot run. Of objects and archives, what a program linked with them gets. */
  readonly level: Level | undefined;
  /** One line: "runs at level base". */
  readonly verdict: string;
  /** Blockers first. */
  readonly findings: readonly Finding[];
  /** The instructions that were read. */
  readonly instructions: number;
}
