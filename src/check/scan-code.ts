// SPDX-License-Identifier: Apache-2.0
/** Reads all the code of an object once, and holds it against the rules. */

import { Code } from "iced-x86";
import { type CallTargets, findCallTargets, kernelEntry } from "./call-targets.js";
import type { CheckedObject } from "./checked-file.js";
import { CodeCursor } from "./code-cursor.js";
import type { CodeRange, CodeSection } from "./code-ranges.js";
import { findArguments } from "./find-arguments.js";
import type { Site } from "./finding.js";
import { instructionRules } from "./instruction-rules.js";
import { type CallOptions, judgeCall, watchedFunctions } from "./judge-call.js";
import { usesRedZone } from "./red-zone.js";
import type { InstructionRule } from "./rule.js";
import type { RuleId } from "./rules.js";
import { weighHits } from "./weigh-hits.js";

export interface Hit {
  readonly rule: RuleId;
  readonly site: Site;
  /** The function or system call that it is about. */
  readonly detail: string | undefined;
  /** Nothing says that these bytes are code. */
  readonly guess: boolean;
}

export interface ScanOptions extends CallOptions {
  /** Where the program's own table says that it calls the kernel. */
  readonly callSites: readonly bigint[];
  /** Where the start object has its routine for ring 3. */
  readonly ring3Stub: bigint | undefined;
}

export interface Scan {
  readonly hits: readonly Hit[];
  readonly instructions: number;
}

/** Finds all that the rules for instructions and calls have to say. */
export function scanCode(object: CheckedObject, options: ScanOptions): Scan {
  const targets = findCallTargets(object, watchedFunctions, options.callSites);
  const hits: Hit[] = [];
  let instructions = 0;
  for (const section of object.code) {
    using cursor = new CodeCursor(section);
    for (const range of section.ranges) {
      const scanned = scanRange(cursor, range, targets, options);
      instructions += cursor.count;
      if (scanned.found.length > 0) hits.push(...placeHits(object.name, cursor, scanned));
    }
  }
  return { hits, instructions };
}

type IdentifiedRule = InstructionRule & { readonly id: RuleId };

const gsRules: readonly IdentifiedRule[] = instructionRules.filter(({ encodings }) => encodings === "gs");

/** The rules by the number of the encoding that they look at. */
const rulesByCode: readonly (readonly IdentifiedRule[])[] = Object.keys(Code)
  .filter((key) => /^\d+$/.test(key))
  .map((key) =>
    instructionRules.filter(({ encodings }) => encodings !== "gs" && encodings.test(Code[Number(key)] ?? "")),
  );

/** ____longjmp_chk keeps data there, of which kernel and start object know. */
const redZoneExceptions: ReadonlySet<string> = new Set(["____longjmp_chk"]);

interface Found {
  readonly rule: RuleId;
  readonly offset: number;
  /** Of calls only: what the rule speaks of, and the function that is called. */
  readonly detail?: string;
  readonly target?: string;
}

interface FoundInRange {
  readonly range: CodeRange;
  readonly found: readonly Found[];
  readonly clean: boolean;
  readonly oddities: readonly number[];
}

function scanRange(
  cursor: CodeCursor,
  range: CodeRange,
  targets: CallTargets,
  options: ScanOptions,
): FoundInRange {
  const found: Found[] = [];
  const oddities: number[] = [];
  const kernelCalls: number[] = [];
  const place = {
    inRing3Stub: isRing3Stub(cursor.section, range, options),
    before: () => cursor.before(),
    after: () => cursor.after(),
  };
  for (cursor.enter(range); cursor.next(); ) {
    const { offset, code, instruction, section } = cursor;
    const rules = rulesFor(code, section.bytes, offset);
    if (rules.length > 0 || code === Code.INVALID) {
      const matching = rules.filter(({ matches }) => matches?.(instruction, place) ?? true);
      found.push(...matching.map(({ id }) => ({ rule: id, offset })));
      if (code === Code.INVALID || (matching.length > 0 && code !== Code.Syscall)) oddities.push(offset);
    }
    const target = code === Code.Syscall ? kernelEntry : targets(section, offset);
    if (target === undefined) continue;
    if (target === kernelEntry && code !== Code.Syscall) kernelCalls.push(offset);
    const call = { target, from: range.name, arguments: findArguments(cursor.before()) };
    found.push(...judgeCall(call, options).map((hit) => ({ ...hit, offset, target })));
  }
  const { clean } = cursor;
  const mayUseRedZone = kernelCalls.length > 0 && !redZoneExceptions.has(range.name ?? "");
  if (mayUseRedZone && usesRedZone(cursor, range))
    found.push(...kernelCalls.map((offset) => ({ rule: "red-zone" as const, offset, target: kernelEntry })));
  return { range, found, clean, oddities };
}

function rulesFor(code: Code, bytes: Uint8Array, offset: number): readonly IdentifiedRule[] {
  const rules = rulesByCode[code] ?? noRules;
  return hasGsPrefix(bytes, offset) ? [...rules, ...gsRules] : rules;
}

const noRules: readonly IdentifiedRule[] = [];

/** 0x65 among the first bytes; others may stand before it. */
function hasGsPrefix(bytes: Uint8Array, offset: number): boolean {
  if (bytes[offset] === 0x65) return true;
  return (bytes[offset + 1] === 0x65 || bytes[offset + 2] === 0x65) && otherPrefixes.has(bytes[offset] ?? 0);
}

const otherPrefixes: ReadonlySet<number> = new Set([
  0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64,
]);

function placeHits(object: string | undefined, cursor: CodeCursor, scanned: FoundInRange): Hit[] {
  const { range, found } = scanned;
  const certaintyOf = weighHits(cursor, scanned);
  return found.flatMap(({ rule, offset, detail, target }) => {
    const certainty = certaintyOf(offset);
    if (certainty === "data") return [];
    const site = {
      object,
      place: describePlace(cursor.section, range, offset),
      address: `0x${(cursor.section.address + BigInt(offset)).toString(16)}`,
      line: undefined,
      instruction: nameTarget(cursor.format(offset), target),
    };
    return [{ rule, detail, guess: certainty === "guess", site }];
  });
}

/** "call 0x401000" → "call prctl" */
function nameTarget(instruction: string, target: string | undefined): string {
  return target === undefined ? instruction : instruction.replace(/^(call|jmp)q? .*/, `$1 ${target}`);
}

function isRing3Stub({ address }: CodeSection, range: CodeRange, { ring3Stub }: ScanOptions): boolean {
  return ring3Stub !== undefined && address + BigInt(range.start) === ring3Stub;
}

function describePlace({ name }: CodeSection, range: CodeRange, offset: number): string {
  const [start, distance] = range.name === undefined ? [name, offset] : [range.name, offset - range.start];
  return distance === 0 ? start : `${start}+0x${distance.toString(16)}`;
}
