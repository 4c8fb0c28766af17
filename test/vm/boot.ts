// SPDX-License-Identifier: Apache-2.0
/** Boots small C programs for the tests of the machine: ordinary static programs on the kernel without UKL. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type Context, createContext } from "../../src/host/context.js";
import { buildGuestProgram } from "../../src/image/build-guest-program.js";
import type { GuestConfiguration } from "../../src/image/guest-configuration.js";
import { buildInitramfs, type GuestFile } from "../../src/image/initramfs.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import type { Machine } from "../../src/vm/machine.js";
import { isRunning } from "../../src/vm/process-identity.js";
import { type MachineRequest, startMachine } from "../../src/vm/start-machine.js";

/** A directory that goes away with the test, with what the test makes in it. */
export interface Scratch extends Disposable {
  readonly directory: string;
  readonly machinesDirectory: string;
  path(name: string): string;
}

export function createScratch(): Scratch {
  const directory = mkdtempSync(path.join(tmpdir(), "ukl-vm-"));
  return {
    directory,
    machinesDirectory: path.join(directory, ".ukl", "machines"),
    path: (name) => path.join(directory, name),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Compiles a static program with the system's compiler. */
export function compileProgram(scratch: Scratch, source: string): Uint8Array {
  const [file, output] = [scratch.path("program.c"), scratch.path("program")];
  writeFileSync(file, source);
  execFileSync("gcc", [
    "-static",
    "-O1",
    "-w",
    "-include",
    "stdio.h",
    "-include",
    "unistd.h",
    "-o",
    output,
    file,
  ]);
  return readFileSync(output);
}

export interface BootOptions {
  readonly ctx?: Context;
  readonly configuration?: Partial<GuestConfiguration>;
  readonly request?: Partial<MachineRequest>;
  readonly files?: readonly GuestFile[];
}

/** Boots a program given as C source or as bytes. */
export async function boot(
  scratch: Scratch,
  program: string | Uint8Array,
  { ctx = createContext(), configuration = {}, request = {}, files = [] }: BootOptions = {},
): Promise<Machine> {
  return startMachine(ctx, {
    name: "m1",
    machinesDirectory: scratch.machinesDirectory,
    app: "test",
    level: "linux",
    kernel: process.env["UKL_TEST_KERNEL"] ?? (await buildKernel(ctx, { ukl: false })).bzImage,
    initramfs: buildInitramfs({
      init: readFileSync(await buildGuestProgram(ctx, "init")),
      program: typeof program === "string" ? compileProgram(scratch, program) : program,
      files,
      configuration: { program: "/bin/program", args: [], env: {}, ...configuration },
    }),
    kernelArguments: ["nokaslr"],
    accelerator: "auto",
    memoryMib: 96,
    cpus: 1,
    ports: [],
    volumes: [],
    disks: [],
    stdio: "pipes",
    // A hang is a failure that says so, not a stuck test run.
    ...(request.stdio === "log" ? {} : { timeoutMs: 120_000 }),
    ...request,
  });
}

/** Boots a program, gives it its input, and returns what it wrote and how it ended. */
export async function runProgram(
  scratch: Scratch,
  program: string | Uint8Array,
  options: BootOptions & { readonly input?: string | Uint8Array } = {},
) {
  await using machine = await boot(scratch, program, options);
  machine.stdin?.end(options.input ?? "");
  const [bytes, errors, exit] = await Promise.all([
    machine.stdout === undefined ? Buffer.of() : buffer(machine.stdout),
    machine.stderr === undefined ? Buffer.of() : buffer(machine.stderr),
    machine.exited,
  ]);
  return { bytes, stdout: bytes.toString(), stderr: errors.toString(), exit, machine };
}

/** What a stream says up to and including a text; all of it if it ends without. */
export async function readUntil(stream: Readable | undefined, end: string): Promise<string> {
  let output = "";
  // Not "for await", which would destroy the stream at the end.
  await new Promise<void>((resolve) => {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(end)) resolve();
    });
    stream?.once("close", () => resolve());
  });
  return output;
}

/** Waits until a file that grows has a text. */
export async function waitForText(file: string, text: string): Promise<void> {
  const controller = new AbortController();
  const changes = watch(file, { signal: controller.signal })[Symbol.asyncIterator]();
  while (!readFileSync(file, "utf8").includes(text)) await changes.next();
  controller.abort();
}

export async function isAlive(machine: Machine): Promise<boolean> {
  return isRunning(machine.state.process);
}
