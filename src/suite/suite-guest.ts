// SPDX-License-Identifier: Apache-2.0
/** The machine in which items of a suite run, at one level: a shell, the suite's files, and a program that says the ring. */

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { buildApp } from "../app/build-app.js";
import { loadRecipe } from "../app/recipes.js";
import type { Level } from "../config/level.js";
import type { Context } from "../host/context.js";
import { hashBytes, hashJson } from "../host/hash.js";
import { buildGuestProgram } from "../image/build-guest-program.js";
import { buildInitramfs, type GuestFile, type ImageContents } from "../image/initramfs.js";
import { loadBusybox } from "../image/load-busybox.js";
import { guestNetwork } from "../image/prepare-image.js";
import { buildKernel, type Kernel } from "../kernel/build-kernel.js";
import { createGuestShell, type GuestShell } from "../vm/guest-shell.js";
import { ownMachineArguments } from "../vm/level-arguments.js";
import type { Machine } from "../vm/machine.js";
import { describeExit } from "../vm/machine-exit.js";
import { findMachinesDirectory } from "../vm/machine-registry.js";
import { readLines } from "../vm/read-lines.js";
import { type MachineRequest, startMachine } from "../vm/start-machine.js";
import { type PreparedSuite, type SuiteItem, suiteDirectory } from "./suite.js";

/** What all guests of a suite at one level have in common. */
export interface GuestParts {
  readonly suite: PreparedSuite;
  readonly level: Level;
  readonly kernel: Kernel;
  readonly init: Uint8Array;
  readonly shell: Uint8Array;
  /** Says at which level it runs. */
  readonly control: GuestFile;
}

export interface SuiteGuest extends AsyncDisposable {
  readonly machine: Machine;
  readonly shell: GuestShell;
}

/** @throws what the builds throw */
export async function loadGuestParts(
  ctx: Context,
  { suite, level, series }: Pick<GuestParts, "suite" | "level"> & { readonly series?: string | undefined },
): Promise<GuestParts> {
  const { program } = await buildApp(ctx, await loadRecipe("hello"));
  return {
    ...{ suite, level },
    kernel: await buildKernel(ctx, { series, ukl: level !== "linux" }),
    init: await readFile(await buildGuestProgram(ctx, "init")),
    shell: await loadBusybox(ctx),
    control: { path: "/bin/hello", mode: 0o755, data: await readFile(program) },
  };
}

/**
 * Tells items apart by everything that their results depend on.
 *
 * @returns a function from an item to its key
 */
export function createItemKeys(parts: GuestParts): (item: SuiteItem) => string {
  const { suite, level, kernel } = parts;
  const contents = describeImage(parts, []);
  const digest = ({ path, mode, data }: GuestFile): string => `${path} ${mode} ${hashBytes(data)}`;
  const guest = hashJson({
    ...{ level, kernel: kernel.key, cpus: suite.cpus, memoryMib: suite.memoryMib },
    programs: [hashBytes(contents.init), hashBytes(contents.program)],
    files: contents.files.map(digest),
    links: (contents.links ?? []).map(({ path, target }) => `${path} ${target}`),
  });
  const own = new Map(suite.files.files.map((file) => [file.path, file]));
  return ({ name, command, timeoutS, ownFile = "" }) => {
    const file = own.get(ownFile);
    return hashJson({ guest, name, command, timeoutS, file: file === undefined ? "" : digest(file) });
  };
}

/**
 * Boots a guest for some of the suite's items; another one when it does not get as far as to its shell, which happens on a
 * host that is too busy to answer it.
 *
 * @param name unique among the machines of the project
 * @throws what `startMachine` throws
 */
export async function startSuiteGuest(
  ctx: Context,
  parts: GuestParts,
  items: readonly SuiteItem[],
  name: string,
): Promise<SuiteGuest> {
  const { suite, level, kernel } = parts;
  const initramfs = buildInitramfs(describeImage(parts, items));
  const request: MachineRequest = {
    ...{ name, level, cpus: suite.cpus },
    // They are there twice while the kernel unpacks them.
    memoryMib: suite.memoryMib + 2 * Math.ceil(initramfs.length / 2 ** 20),
    machinesDirectory: findMachinesDirectory(process.cwd()),
    app: "suite",
    kernel: kernel.bzImage,
    initramfs,
    kernelArguments: ownMachineArguments(level, false),
    accelerator: "auto",
    ...{ ports: [], volumes: [], disks: [] },
    stdio: "pipes",
  };
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const machine = await startMachine(ctx, request);
    const late = pause(bootTimeoutMs, "late", { ref: false });
    const started = await Promise.race([machine.started, late]);
    if (started === true) return connectShell(ctx, machine, parts);
    const exit = started === false ? describeExit(await machine.exited) : undefined;
    await machine[Symbol.asyncDispose]();
    ctx.signal.throwIfAborted();
    if (started === false) throw new Error(`the guest ended before its shell began: ${exit ?? "no error"}`);
    ctx.log.warn(`The guest "${name}" did not start in ${bootTimeoutMs / 1_000} s`);
  }
  throw new Error(`the guest did not start, ${attempts} times`);
}

const attempts = 3;
const bootTimeoutMs = 240_000;

async function connectShell(ctx: Context, machine: Machine, parts: GuestParts): Promise<SuiteGuest> {
  const { stdin, stdout, stderr } = machine;
  if (stdin === undefined || stdout === undefined) throw new Error("a shell needs a machine with pipes");
  for (const stream of [stdout, stderr]) if (stream) readLines(stream, (line) => ctx.log.output(line));
  const shell = createGuestShell({ stdin, stdout });
  const end = async (): Promise<void> => {
    shell.end();
    await machine[Symbol.asyncDispose]();
  };
  try {
    await shell.succeed(`${busybox} --install -s /bin`);
    await checkRing(shell, parts);
    return { machine, shell, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

const busybox = "/bin/busybox";

/** A comparison of a ring with itself would find no difference. */
async function checkRing(shell: GuestShell, { control, level }: GuestParts): Promise<void> {
  const said = await shell.succeed(control.path);
  const wanted = `CPL ${level === "linux" ? 3 : 0}`;
  if (said.split("\n")[0] !== wanted)
    throw new Error(`the guest runs programs of its image at "${said}" instead of "${wanted}"`);
}

function describeImage(
  { suite: { files, items: all }, level, init, shell, control }: GuestParts,
  items: readonly SuiteItem[],
): ImageContents {
  const others = new Set(all.filter((item) => !items.includes(item)).map(({ ownFile }) => ownFile));
  return {
    init,
    program: shell,
    files: [...files.files.filter(({ path }) => !others.has(path)), control],
    // Scripts name it by this path.
    links: [...files.links, { path: "/usr/bin/env", target: "/bin/env" }],
    directories: [...files.directories, suiteDirectory],
    configuration: {
      program: busybox,
      args: ["sh"],
      // The level is the environment's: what the tests start, inherits it.
      env: { UKL_LEVEL: level, PATH: "/bin:/usr/bin", HOME: "/root" },
      cwd: suiteDirectory,
      hostname: "suite",
      network: guestNetwork,
    },
  };
}
