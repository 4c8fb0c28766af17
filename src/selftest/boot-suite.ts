// SPDX-License-Identifier: Apache-2.0
/** Boots the suite once, and collects what it and the kernel had to say. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../host/context.js";
import { buildGuestProgram } from "../image/build-guest-program.js";
import { buildInitramfs } from "../image/initramfs.js";
import { loadBusybox } from "../image/load-busybox.js";
import type { Kernel } from "../kernel/build-kernel.js";
import type { KernelProblem } from "../vm/kernel-log.js";
import { ownMachineArguments } from "../vm/level-arguments.js";
import type { Machine } from "../vm/machine.js";
import type { MachineExit } from "../vm/machine-exit.js";
import { findMachinesDirectory } from "../vm/machine-registry.js";
import { machineFile } from "../vm/qemu-arguments.js";
import { readLines } from "../vm/read-lines.js";
import { type MachineRequest, startMachine } from "../vm/start-machine.js";
import { buildModule, guestModule } from "./build-module.js";
import type { SuiteProgram } from "./build-suite.js";
import { injectMachineChecks } from "./inject-machine-checks.js";
import { injectNmis } from "./inject-nmis.js";
import { isTapResult, parseTap, type TapOutput } from "./parse-tap.js";
import type { SelftestRun } from "./plan-runs.js";
import { suiteLevelTraits } from "./suite-level.js";
import { readSymbolTable, type SymbolTable } from "./symbol-table.js";

export interface SuiteBoot {
  readonly run: SelftestRun;
  readonly kernel: Kernel;
  /** From `buildSuite`. */
  readonly program: Uint8Array;
  /** The tests to run; all of them when there are none. */
  readonly tests: readonly string[];
  /** Unique among the machines of the project. */
  readonly name: string;
  /** Inject non-maskable interrupts until the guest ends. */
  readonly nmi: boolean;
  /** NUMA nodes of the machine. */
  readonly nodes: number;
  /** Raise machine checks that need no action, until the guest ends. */
  readonly machineChecks: boolean;
  /** A suite that says nothing for so long hangs. */
  readonly silenceMs: number;
  readonly accelerator: MachineRequest["accelerator"];
  /** Called with the number of results so far. */
  readonly onResult?: (done: number) => void;
}

export interface SuiteOutcome {
  readonly tap: TapOutput;
  readonly stderr: string;
  readonly problems: readonly KernelProblem[];
  readonly exit: MachineExit;
  /** How many non-maskable interrupts every CPU was sent; undefined when none were to be. */
  readonly nmis: number | undefined;
  /** How many machine checks there were; undefined when none were to be. */
  readonly machineChecks: number | undefined;
  /** The kernel's complete log, kept when the machine did not end as it should. */
  readonly kernelLog: string;
  readonly durationMs: number;
}

/** Boots a machine, runs the suite in it to its end, or ends it. */
export async function bootSuite(ctx: Context, boot: SuiteBoot): Promise<SuiteOutcome> {
  const request = await describeMachine(ctx, boot, { name: "ukl_test", args: boot.tests });
  const startedAt = performance.now();
  await using machine = await startMachine(ctx, request);
  machine.stdin?.end();
  const nmis = boot.nmi ? injectNmis(machine) : undefined;
  const machineChecks = boot.machineChecks
    ? injectMachineChecks(machine, await loadSymbols(boot))
    : undefined;
  const output = collectOutput(ctx, machine, boot);
  const exit = await machine.exited;
  ctx.signal.throwIfAborted();
  const { stdout, stderr } = await output;
  return {
    tap: parseTap(stdout),
    stderr,
    problems: await machine.problems,
    exit,
    nmis: await nmis,
    machineChecks: await machineChecks,
    kernelLog: path.join(machine.directory, machineFile.kernel),
    durationMs: performance.now() - startedAt,
  };
}

/** Those of the kernel that boots. */
export async function loadSymbols({ kernel: { vmlinux } }: SuiteBoot): Promise<SymbolTable> {
  return readSymbolTable(await readFile(vmlinux), vmlinux);
}

/** The machine for a program of the suite. */
export async function describeMachine(
  ctx: Context,
  boot: SuiteBoot,
  { name, args }: { readonly name: SuiteProgram; readonly args: readonly string[] },
): Promise<MachineRequest> {
  const { run, kernel, program } = boot;
  const traits = suiteLevelTraits[run.level];
  const module = await buildModule(ctx, kernel);
  return {
    name: boot.name,
    machinesDirectory: findMachinesDirectory(process.cwd()),
    app: "selftest",
    level: run.level,
    kernel: kernel.bzImage,
    initramfs: buildInitramfs({
      init: await readFile(await buildGuestProgram(ctx, "init")),
      program,
      files: [
        { path: "/bin/sh", mode: 0o755, data: await loadBusybox(ctx) },
        ...(module === undefined ? [] : [{ path: guestModule, mode: 0o644, data: module }]),
      ],
      configuration: {
        program: `/bin/${name}`,
        args,
        env: { UKL_LEVEL: traits.level, PATH: "/bin" },
      },
    }),
    kernelArguments: [
      ...ownMachineArguments(traits.level, run.boot === "kaslr"),
      ...traits.kernelArguments,
      ...(run.boot === "no5lvl" ? ["no5lvl"] : []),
    ],
    accelerator: boot.accelerator,
    // The kernel takes every error for fatal on processors of the other make, unless they say otherwise.
    cpuModel: boot.machineChecks ? `${run.cpuModel},vendor=GenuineIntel` : run.cpuModel,
    memoryMib: 256,
    cpus: run.cpus,
    nodes: boot.nodes,
    ports: [],
    volumes: [],
    disks: [],
    stdio: "pipes",
  };
}

/** Resolves when the streams have ended. Ends a machine that falls silent. */
async function collectOutput(ctx: Context, machine: Machine, { silenceMs, onResult }: SuiteBoot) {
  const timer = setTimeout(() => void machine.stopOverdue(silenceMs), silenceMs);
  let done = 0;
  const collect = (stream: Machine["stdout"], onLine: (line: string) => void): Promise<string> =>
    new Promise((resolve) => {
      if (stream === undefined) return resolve("");
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      readLines(stream, (line) => {
        ctx.log.output(line);
        timer.refresh();
        onLine(line);
      });
      stream.once("close", () => resolve(Buffer.concat(chunks).toString()));
    });
  const [stdout, stderr] = await Promise.all([
    collect(machine.stdout, (line) => {
      if (isTapResult(line)) onResult?.(++done);
    }),
    collect(machine.stderr, () => {}),
  ]);
  clearTimeout(timer);
  return { stdout, stderr };
}
