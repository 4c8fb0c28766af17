// SPDX-License-Identifier: Apache-2.0
/** Ends a machine politely: first the application is asked, then QEMU, then nobody. */

import { rm } from "node:fs/promises";
import { constants } from "node:os";
import type { MachineExit } from "./machine-exit.js";
import { loadMachineExit, type MachineRecord, saveMachineState } from "./machine-registry.js";
import { isRunning } from "./process-identity.js";
import { machineFile } from "./qemu-arguments.js";
import { connectQmp, type QmpClient } from "./qmp-client.js";
import { connectSocket } from "./unix-socket.js";

export interface EndOptions {
  /** What the application gets; default SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** How long it may take to end before QEMU is told to quit; default 5000. */
  readonly graceMs?: number;
}

/** The means to end a machine. */
export interface EndableMachine {
  readonly directory: string;
  readonly qmp: QmpClient;
  /** Resolves when QEMU has ended. */
  readonly gone: Promise<unknown>;
  kill(): void;
}

/** QEMU takes milliseconds to quit; one that does not is stuck. */
const quitGraceMs = 2_000;

/** Ends the machine; resolves when it is gone. */
export async function endMachine(machine: EndableMachine, options: EndOptions = {}): Promise<void> {
  const { signal = "SIGTERM", graceMs = 5_000 } = options;
  if (graceMs > 0) {
    // A machine that is just ending does not listen any more.
    await signalApplication(machine.directory, signal).catch(() => {});
    if (await endsWithin(machine.gone, graceMs)) return;
  }
  machine.qmp.execute("quit").catch(() => {});
  if (await endsWithin(machine.gone, quitGraceMs)) return;
  machine.kill();
  await machine.gone;
}

/**
 * Asks /init to send a signal to the application. During the boot it waits until /init listens.
 *
 * @throws the system's error when the machine is gone
 */
export async function signalApplication(directory: string, signal: NodeJS.Signals): Promise<void> {
  const socket = await connectSocket(directory, machineFile.controlSocket);
  // Nobody answers; ending our side is what flushes.
  socket.on("error", () => {}).resume();
  socket.end(`signal ${constants.signals[signal]}\n`);
}

/**
 * Ends a machine that another process started, and says how it ended. Its logs stay.
 */
export async function stopMachine(record: MachineRecord, options: EndOptions = {}): Promise<MachineExit> {
  if (record.running) {
    const { exit: _exit, running: _running, directory, ...state } = record;
    await saveMachineState(directory, { ...state, stopRequested: true });
    await endForeign(record, options);
  }
  return loadMachineExit(record.directory, { ...record, stopRequested: true });
}

/** Forgets a machine that has ended, with its logs. */
export async function removeMachine(record: MachineRecord): Promise<void> {
  await rm(record.directory, { recursive: true, force: true });
}

async function endForeign(record: MachineRecord, options: EndOptions): Promise<void> {
  const kill = (): void => {
    try {
      process.kill(-record.process.pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  };
  const qmp = await connectSocket(record.directory, machineFile.qmpSocket).then(connectQmp, () => undefined);
  if (qmp === undefined) kill();
  else await endMachine({ directory: record.directory, qmp, gone: qmp.closed, kill }, options);
  await waitUntilGone(record);
}

/** The end of a process that is not our child is no event that we could wait for. */
async function waitUntilGone(record: MachineRecord): Promise<void> {
  while (await isRunning(record.process)) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function endsWithin(gone: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([gone.then(() => true as const), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
