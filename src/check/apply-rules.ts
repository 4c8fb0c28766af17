// SPDX-License-Identifier: Apache-2.0
/** Holds a file that has been taken apart against all rules. */

import { setImmediate } from "node:timers/promises";
import { sectionType } from "../elf/parse-elf.js";
import { readSymbols } from "../elf/read-symbols.js";
import { callRules } from "./call-rules.js";
import type { CheckedFile, CheckedObject } from "./checked-file.js";
import { fileRules } from "./file-rules.js";
import { type Finding, severities } from "./finding.js";
import { instructionRules } from "./instruction-rules.js";
import type { CallRule, FileRule, Found } from "./rule.js";
import { findRule, type RuleId, rules } from "./rules.js";
import { type Hit, type Scan, scanCode } from "./scan-code.js";
import { openObject } from "./take-apart.js";

export interface Applied {
  /** Blockers first, within a severity in the order of the rules. */
  readonly findings: readonly Finding[];
  readonly instructions: number;
}

/**
 * Applies the rules to headers, code and libraries.
 *
 * @throws the reason of the signal when it is aborted, between two objects
 */
export async function applyRules(file: CheckedFile, signal: AbortSignal): Promise<Applied> {
  const missingSystemCalls = file.kernels[0]?.missingSystemCalls ?? new Map<number, string>();
  const isOffer = file.form === "archive" || file.form === "library";
  const { callSites = [], ring3Stub } = file;
  const options = { callSites, ring3Stub, missingSystemCalls, isOffer };
  const scans: Scan[] = [];
  for (const object of file.objects) scans.push(await breathe(signal, () => scanCode(object, options)));
  for (const library of file.libraries) scans.push(await breathe(signal, () => scanLibrary(library)));
  const hits = scans.flatMap((scan) => scan.hits);
  const traces: Trace[] = [
    ...hits.filter(isWorthSaying),
    ...file.objects.flatMap((object) => findImports(object, missingSystemCalls, hits)),
  ];
  const inFile = fileRules.flatMap((rule: FileRule & { id: RuleId }): Finding[] => {
    const details = rule.find(file);
    return details === undefined ? [] : [makeFinding(rule.id, { count: 1, details }, [])];
  });
  return {
    findings: [...inFile, ...summarise(traces)].sort(byImportance),
    instructions: scans.reduce((sum, { instructions }) => sum + instructions, 0),
  };
}

/** The finding of a rule. */
export function makeFinding(id: RuleId, found: Found, sites: Finding["sites"], guess = false): Finding {
  const { severity, message, advice } = findRule(id);
  const text = message(found);
  return {
    rule: id,
    severity: guess ? "note" : severity,
    guess,
    message: guess ? `Perhaps: ${text} (in bytes that nothing says are code)` : text,
    advice: typeof advice === "string" ? advice : advice(found),
    sites,
  };
}

/** A large object takes a second: Ctrl-C must be heard between them. */
async function breathe(signal: AbortSignal, scan: () => Scan): Promise<Scan> {
  await setImmediate();
  signal.throwIfAborted();
  return scan();
}

/** Of what may be no code at all only the severe. */
function isWorthSaying({ rule, guess }: Hit): boolean {
  return !guess || findRule(rule).severity !== "note";
}

/** A hit, or a mere name. */
type Trace = Pick<Hit, "rule" | "detail" | "guess"> & Partial<Pick<Hit, "site">>;

/**
 * Of a shared library only what cannot be: that its system calls are instructions is a finding of the program,
 * and that a C library has a function says nothing about who calls it.
 */
function scanLibrary({ name, elf }: CheckedFile["libraries"][number]): Scan {
  if (elf === undefined) return { hits: [], instructions: 0 };
  const scan = scanCode(openObject(elf, name), {
    callSites: [],
    ring3Stub: undefined,
    missingSystemCalls: new Map(),
    isOffer: true,
  });
  return { ...scan, hits: scan.hits.filter(({ rule, guess }) => !guess && blockersOfInstructions.has(rule)) };
}

const blockersOfInstructions: ReadonlySet<RuleId> = new Set(
  instructionRules.filter(({ severity }) => severity === "blocker").map(({ id }) => id),
);

/** Functions that an object or a dynamic program takes from elsewhere, and that no call has been found of. */
function findImports(
  { elf, symbols }: CheckedObject,
  missingSystemCalls: ReadonlyMap<number, string>,
  hits: readonly Hit[],
): Trace[] {
  const table = elf.type === "relocatable" ? symbols : readSymbols(elf, sectionType.dynamicSymbols);
  const imported = new Set(table.filter(({ section }) => section === undefined).map(({ name }) => name));
  const missing = new Set(missingSystemCalls.values());
  const known = new Set(hits.map(({ rule, detail }) => `${rule} ${detail}`));
  const traces = callRules.flatMap((rule: CallRule & { id: RuleId }) =>
    rule.requests
      .filter(({ firstArgument }) => firstArgument === undefined)
      .flatMap(({ functions }) => functions.filter((name) => imported.has(name)))
      .map((detail) => ({ rule: rule.id, detail, guess: false })),
  );
  const absent = [...imported]
    .filter((name) => missing.has(name))
    .map((detail) => ({ rule: "missing-system-call" as const, detail, guess: false }));
  return [...traces, ...absent].filter(({ rule, detail }) => !known.has(`${rule} ${detail}`));
}

/** One finding for each rule, and one more for its guesses. */
function summarise(traces: readonly Trace[]): Finding[] {
  const groups = new Map<string, Trace[]>();
  for (const trace of traces) {
    const key = `${trace.rule} ${trace.guess}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trace]);
    else group.push(trace);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const details = [...new Set(group.flatMap(({ detail }) => detail ?? []))];
    const sites = group.flatMap(({ site }) => site ?? []);
    return [makeFinding(first.rule, { count: group.length, details }, sites, first.guess)];
  });
}

function byImportance(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    Number(a.guess) - Number(b.guess) ||
    orderOfRule(a) - orderOfRule(b)
  );
}

function orderOfRule({ rule }: Finding): number {
  return rules.findIndex(({ id }) => id === rule);
}
