// SPDX-License-Identifier: Apache-2.0
/**
 * The machines of a project: a directory for each below .ukl/machines, with the machine's state, logs and sockets. What
 * runs is decided by QEMU's process, not by what the files say: they may be older than a crash.
 */

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { configName } from "../config/parse-app-config.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { takeFileLock } from "../host/file-lock.js";
import { replaceFile } from "../host/replace-file.js";
import { parseGuestStatus } from "./guest-status.js";
import { findKernelProblems } from "./kernel-log.js";
import { determineExit, type MachineExit } from "./machine-exit.js";
import { findProcess, isRunning } from "./process-identity.js";
import { machineFile } from "./qemu-arguments.js";

const portSchema = z.object({
  guestPort: z.number(),
  hostPort: z.number(),
  hostAddress: z.string(),
  protocol: z.enum(["tcp", "udp"]),
});

const stateSchema = z.object({
  name: z.string(),
  /** What the user asked to run. */
  app: z.string(),
  level: z.string(),
  accelerator: z.enum(["kvm", "tcg"]),
  memoryMib: z.number(),
  cpus: z.number(),
  ports: z.array(portSchema),
  /** Lives on without the process that started it. */
  detached: z.boolean(),
  startedAt: z.string(),
  /** QEMU; until it runs, the process that is about to start it. */
  process: z.object({ pid: z.number(), startTime: z.string() }),
  /** Somebody told it to end. */
  stopRequested: z.boolean(),
});

export type MachineState = z.infer<typeof stateSchema>;

export interface MachineRecord extends MachineState {
  readonly directory: string;
  readonly running: boolean;
  /** How it ended; undefined while it runs. */
  readonly exit: MachineExit | undefined;
}

/** The directory of a project's machines: .ukl/machines in the nearest directory above that has .ukl or a configuration. */
export function findMachinesDirectory(from: string): string {
  const marks = [".ukl", configName];
  for (let directory = path.resolve(from); ; directory = path.dirname(directory)) {
    if (marks.some((mark) => existsSync(path.join(directory, mark))))
      return path.join(directory, ".ukl", "machines");
    if (directory === path.dirname(directory)) return path.join(path.resolve(from), ".ukl", "machines");
  }
}

/**
 * Takes a name for a machine that is about to start, and makes its directory. A machine of the
 * same name that has ended makes room.
 *
 * @returns the directory
 * @throws UklError VM_NAME_TAKEN, USAGE_INVALID for a name that is no plain word
 */
export async function claimMachine(
  ctx: Context,
  machinesDirectory: string,
  state: Omit<MachineState, "process">,
): Promise<string> {
  checkName(state.name);
  const directory = path.join(machinesDirectory, state.name);
  await using _lock = await takeFileLock(ctx, path.join(machinesDirectory, ".lock"), "a machine's entry");
  const present = await findMachine(machinesDirectory, state.name);
  if (present?.running === true) {
    throw new UklError(
      "VM_NAME_TAKEN",
      `Cannot start the machine "${state.name}": one of this name runs (process ${present.process.pid})`,
      { hint: `End it: ukl stop ${state.name}\nOr take another name: --name NAME` },
    );
  }
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const starter = await findProcess(process.pid);
  if (starter === undefined) throw new Error("/proc does not show this process");
  await saveMachineState(directory, { ...state, process: starter });
  return directory;
}

export async function saveMachineState(directory: string, state: MachineState): Promise<void> {
  const text = JSON.stringify(stateSchema.parse(state), null, 2);
  await replaceFile(path.join(directory, machineFile.state), `${text}\n`);
}

/** The machine of this name, running or ended; undefined when there is none. */
export async function findMachine(
  machinesDirectory: string,
  name: string,
): Promise<MachineRecord | undefined> {
  const directory = path.join(machinesDirectory, name);
  const state = await loadState(directory);
  if (state === undefined) return undefined;
  const running = await isRunning(state.process);
  return {
    ...state,
    directory,
    running,
    exit: running ? undefined : await loadMachineExit(directory, state),
  };
}

/**
 * The machine of this name.
 *
 * @throws UklError VM_NOT_FOUND, with the names that there are
 */
export async function resolveMachine(machinesDirectory: string, name: string): Promise<MachineRecord> {
  const machine = await findMachine(machinesDirectory, name);
  if (machine !== undefined) return machine;
  const others = (await listMachines(machinesDirectory)).map((other) => `"${other.name}"`).join(", ");
  throw new UklError("VM_NOT_FOUND", `Cannot find the machine "${name}": there is ${others || "none"}`, {
    hint: "ukl ps --all",
  });
}

/** All machines, by name. */
export async function listMachines(machinesDirectory: string): Promise<MachineRecord[]> {
  const names = await readdir(machinesDirectory).catch(() => []);
  const machines = await Promise.all(names.sort().map((name) => findMachine(machinesDirectory, name)));
  return machines.filter((machine) => machine !== undefined);
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return;
  throw new UklError(
    "USAGE_INVALID",
    `Cannot name a machine "${name}": use letters, digits, ".", "_" and "-"`,
  );
}

async function loadState(directory: string): Promise<MachineState | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(path.join(directory, machineFile.state), "utf8")));
  } catch {
    return undefined;
  }
}

/** The end of a machine that nobody watched, from what it left; meaningless while it runs. */
export async function loadMachineExit(directory: string, state: MachineState): Promise<MachineExit> {
  const read = (name: string): Promise<string> =>
    readFile(path.join(directory, name), "utf8").catch(() => "");
  return determineExit({
    status: parseGuestStatus(await read(machineFile.status)),
    problems: findKernelProblems(await read(machineFile.kernel)),
    ended: state.stopRequested,
    qemuMessage: (await read(machineFile.qemu)).trim(),
  });
}
