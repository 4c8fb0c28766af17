// SPDX-License-Identifier: Apache-2.0
/** Boots ukl_walk.c under a debugger, and makes happen to it what only somebody outside of the machine can. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../host/context.js";
import { hasOption } from "../kernel/kernel-facts.js";
import type { Machine } from "../vm/machine.js";
import { describeExit, type MachineExit } from "../vm/machine-exit.js";
import { machineFile } from "../vm/qemu-arguments.js";
import { startMachine } from "../vm/start-machine.js";
import { describeMachine, loadSymbols, type SuiteBoot, type SuiteOutcome } from "./boot-suite.js";
import { breakMachine, breakMemory } from "./break-memory.js";
import { DebuggedProgram } from "./debugged-program.js";
import { parseTap, type TapTest } from "./parse-tap.js";
import type { WalkKind } from "./plan-runs.js";
import { readSymbolTable } from "./symbol-table.js";
import { walkStubs } from "./walk-stubs.js";

/**
 * Boots a machine, and ends it when what was to happen has happened. A test is what the program has been through; those
 * of the request are patterns of stubs here.
 *
 * @throws UklError USAGE_INVALID when a pattern names none
 */
export async function bootWalk(ctx: Context, boot: SuiteBoot, kind: WalkKind): Promise<SuiteOutcome> {
  const request = await describeMachine(ctx, boot, { name: "ukl_walk", args: ["--debugged"] });
  const startedAt = performance.now();
  await using machine = await startMachine(ctx, { ...request, canInterrupt: true });
  machine.stdin?.end();
  const silence = setTimeout(() => void machine.stopOverdue(boot.silenceMs), boot.silenceMs);
  const output = collectOutput(machine);
  const tests: TapTest[] = [];
  try {
    if (await output.walking)
      await walk(boot, kind, machine, (test) => {
        silence.refresh();
        boot.onResult?.(tests.push(test));
      });
    const exit = await machine.exited;
    const { cpl, rest } = parseTap(output.stdout);
    // Why the program gave up is in what it said at last.
    const last = tests.pop();
    if (last !== undefined)
      tests.push(last.outcome === "failed" ? { ...last, diagnostics: [...last.diagnostics, ...rest] } : last);
    if (kind === "fatal-error") tests.push(await judgePanic(machine, exit));
    // A panic that was asked for is no problem.
    const panicked = tests.some(({ name, outcome }) => name === panicTest && outcome === "passed");
    return {
      tap: { cpl, kernelBase: undefined, tests, planned: tests.length, rest: [] },
      stderr: output.stderr,
      problems: panicked ? [] : await machine.problems,
      exit,
      nmis: undefined,
      machineChecks: undefined,
      kernelLog: path.join(machine.directory, machineFile.kernel),
      durationMs: performance.now() - startedAt,
    };
  } finally {
    clearTimeout(silence);
    ctx.signal.throwIfAborted();
  }
}

/** What is wrong with a walk beyond its tests. */
export function checkWalk({ tap, exit }: SuiteOutcome, cpl: number): string[] {
  const failed = tap.tests.some(({ outcome }) => outcome === "failed");
  const ended = exit.kind === "panic" || (exit.kind === "exit" && exit.status === 0);
  return [
    ...(tap.cpl === cpl ? [] : [`The program ran at CPL ${tap.cpl} instead of ${cpl}`]),
    ...(tap.tests.length === 0 ? ["Nothing happened to the program"] : []),
    ...(failed || ended ? [] : [describeExit(exit) ?? "The program ended with another status than 0"]),
  ];
}

function collectOutput(machine: Machine) {
  const output = { stdout: "", stderr: "", walking: Promise.resolve(false) };
  output.walking = new Promise<boolean>((resolve) => {
    machine.stdout?.on("data", (chunk: Buffer) => {
      output.stdout += chunk.toString();
      if (output.stdout.includes("# walking\n")) resolve(true);
    });
    machine.stdout?.once("close", () => resolve(false));
  });
  machine.stderr?.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  return output;
}

/** Ends the machine, or has the program end. */
async function walk(
  boot: SuiteBoot,
  kind: WalkKind,
  machine: Machine,
  onTest: (test: TapTest) => void,
): Promise<void> {
  const program = new DebuggedProgram(machine, await machine.debug(), {
    kernel: await loadSymbols(boot),
    program: readSymbolTable(boot.program, "ukl_walk"),
  });
  await program.start();
  if (kind === "fatal-error") return breakMachine(program);
  let failed = false;
  for await (const test of await startTests(boot, kind, program)) {
    failed ||= test.outcome === "failed";
    onTest(test);
  }
  if (failed) await machine.stop({ graceMs: 0 });
  else await program.end();
}

async function startTests(
  { kernel, run, tests }: SuiteBoot,
  kind: "stubs" | "memory-errors",
  program: DebuggedProgram,
): Promise<AsyncGenerator<TapTest, void>> {
  if (kind === "stubs") return walkStubs(program, run.level, tests);
  return breakMemory(program, { givesUpPages: await hasOption(kernel.tree, "CONFIG_MEMORY_FAILURE") });
}

const panicTest = "a_fatal_error_is_a_panic";

/** The report names the program's instruction. */
async function judgePanic(machine: Machine, exit: MachineExit): Promise<TapTest> {
  const log = await readFile(path.join(machine.directory, machineFile.kernel), "utf8").catch(() => "");
  const report = log.split("\n").filter((line) => /Hardware Error|Kernel panic/.test(line));
  const panic = exit.kind === "panic" && /fatal (local )?machine check/i.test(exit.problem.summary);
  const named = report.some((line) => /RIP (!INEXACT! )?33:</.test(line));
  return { name: panicTest, outcome: panic && named ? "passed" : "failed", diagnostics: report };
}
