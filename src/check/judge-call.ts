// SPDX-License-Identifier: Apache-2.0
/** What the rules say to one call: of a function that they know, or of the kernel. */

import { callRules } from "./call-rules.js";
import { kernelEntry } from "./call-targets.js";
import type { CallArguments } from "./find-arguments.js";
import type { CallRule } from "./rule.js";
import type { RuleId } from "./rules.js";

export interface CallHit {
  readonly rule: RuleId;
  /** The function or system call that the rule speaks of. */
  readonly detail: string;
}

export interface Call {
  /** The function; `kernelEntry` for a system call, whether by call or by instruction. */
  readonly target: string;
  readonly arguments: CallArguments;
  /** The name of the function that it is in. */
  readonly from: string | undefined;
}

export interface CallOptions {
  /** System calls that fail on the kernel, by number. */
  readonly missingSystemCalls: ReadonlyMap<number, string>;
  /** In a library or archive the function of the same name only offers the call; who calls it is not known. */
  readonly isOffer: boolean;
}

/** The C library's own function that makes any system call. */
const anySystemCall = "syscall";

const requests = callRules.flatMap((rule: CallRule & { id: RuleId }) =>
  rule.requests.map((request) => ({ ...request, rule: rule.id })),
);

/** The names of all functions whose calls are to be judged. */
export const watchedFunctions: ReadonlySet<string> = new Set([
  kernelEntry,
  anySystemCall,
  ...requests.flatMap(({ functions }) => functions),
]);

export function judgeCall(call: Call, { missingSystemCalls, isOffer }: CallOptions): CallHit[] {
  const { target, from, arguments: given } = call;
  const isAny = target === anySystemCall;
  const isSystemCall = isAny || target === kernelEntry;
  const number = isAny ? given.first : given.number;
  const first = isAny ? given.second : given.first;
  const missing = isSystemCall && number !== undefined ? missingSystemCalls.get(number) : undefined;
  const hits = [
    ...requests
      .filter(({ functions, systemCall }) =>
        isSystemCall ? number !== undefined && number === systemCall : functions.includes(target),
      )
      .filter(
        ({ firstArgument }) =>
          firstArgument === undefined || (first !== undefined && firstArgument.includes(first)),
      )
      .map(({ rule, functions }) => ({ rule, detail: functions[0] ?? target })),
    ...(missing === undefined ? [] : [{ rule: "missing-system-call" as const, detail: missing }]),
  ];
  return isOffer ? hits.filter(({ detail }) => detail !== from) : hits;
}
