// SPDX-License-Identifier: Apache-2.0
/** All rules. Those of files that are no x86-64 ELF files, and of what the code calls, stand here; the others by what they look at. */

import { plural } from "../log/plural.js";
import { callRules } from "./call-rules.js";
import { fileRules } from "./file-rules.js";
import { instructionRules } from "./instruction-rules.js";
import type { Rule } from "./rule.js";

/** Found before the file can be taken apart. */
const formatRules = [
  {
    id: "foreign-format",
    severity: "blocker",
    message: ({ details }) => `It is ${details[0]}`,
    advice: "Only ELF programs and objects, archives, scripts, and C and C++ files can be checked",
  },
  {
    id: "another-machine",
    severity: "blocker",
    message: ({ details }) => `It is for another processor (${details[0]})`,
    advice: "Build it for x86-64",
  },
  {
    id: "32-bit",
    severity: "blocker",
    message: ({ details }) => `It is a 32-bit program (${details[0]})`,
    advice: "Build it for 64 bits (-m64): the kernel has no 32-bit emulation",
  },
] as const satisfies readonly Rule[];

/** Found where our toolchain's calls are. */
const codeRules = [
  {
    id: "red-zone",
    severity: "blocker",
    message: ({ count }) =>
      `${plural(count, "system call")} in a function that keeps data in the red zone, which the call overwrites`,
    advice: "Compile it with -mno-red-zone, as our compiler does; in assembler move RSP below the data first",
  },
  {
    id: "missing-system-call",
    severity: "note",
    message: ({ details }) => `System calls that the kernel was built without: ${details.join(", ")}`,
    advice: "They fail with ENOSYS, with which most programs can live. Options can be added in kernel/config",
  },
] as const satisfies readonly Rule[];

export const rules = [...formatRules, ...fileRules, ...instructionRules, ...callRules, ...codeRules] as const;

export type RuleId = (typeof rules)[number]["id"];

/** The rule of an id. */
export function findRule(id: RuleId): Rule {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new Error(`no rule is called ${id}`);
  return rule;
}
