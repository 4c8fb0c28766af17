// SPDX-License-Identifier: Apache-2.0
/** From findings to the one line that people read: whether it runs, and at which level. */

import type { Level } from "../config/level.js";
import type { CheckedFile } from "./checked-file.js";
import type { Finding } from "./finding.js";

export interface Judgement {
  readonly level: Level | undefined;
  readonly verdict: string;
}

/** The level of a file, and the verdict with its main reason. */
export function judge(
  file: Pick<CheckedFile, "form" | "callSites" | "note">,
  findings: readonly Finding[],
): Judgement {
  const blockers = findings.filter(({ severity }) => severity === "blocker");
  const [first] = blockers;
  if (first !== undefined) {
    const others = blockers.length === 1 ? "" : ` (and ${blockers.length - 1} more)`;
    return { level: undefined, verdict: `${refusals[file.form]}: ${lowerFirst(first.message)}${others}` };
  }
  const level = levelOf(file);
  const slower = findings.find(({ severity }) => severity === "slower");
  const reason = slower === undefined ? "" : `: ${lowerFirst(slower.message)}`;
  return { level, verdict: `${promises[file.form]} ${level}${reason}` };
}

function levelOf({ form, callSites, note }: Pick<CheckedFile, "form" | "callSites" | "note">): Level {
  // A linker makes calls of whatever an object takes from our C library.
  if (form === "object" || form === "archive") return "base";
  if (callSites === undefined) return "compat";
  return note === undefined ? "linux" : "base";
}

const promises = {
  static: "runs at level",
  "static-pie": "runs at level",
  dynamic: "runs at level",
  object: "can be linked into a program of level",
  archive: "can be linked into a program of level",
  library: "can be loaded by a dynamic program of level",
  other: "runs at level",
} as const satisfies Record<CheckedFile["form"], string>;

const refusals = {
  static: "cannot run",
  "static-pie": "cannot run",
  dynamic: "cannot run",
  object: "cannot be linked into a program that runs",
  archive: "has members that cannot run",
  library: "has code that cannot run",
  other: "cannot run",
} as const satisfies Record<CheckedFile["form"], string>;

/** As the second half of a sentence; "EAX …" and "GS …" stay as they are. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
