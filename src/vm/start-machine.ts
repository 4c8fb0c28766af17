// SPDX-License-Identifier: Apache-2.0
/** Starts a virtual machine under QEMU and hands out the means to use it. */

import { open, readFile, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import path from "node:path";
import type { NetworkKind } from "../config/network-kind.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { formatCommand } from "../host/format-command.js";
import { type ProcessGroup, spawnGroup } from "../host/process-group.js";
import { requireTools } from "../host/require-tools.js";
import { checkPorts } from "./check-ports.js";
import {
  type Accelerator,
  type AcceleratorChoice,
  findAccelerator,
  qemuProgram,
} from "./find-accelerator.js";
import { Machine } from "./machine.js";
import { claimMachine, type MachineState, saveMachineState } from "./machine-registry.js";
import type { MachineType } from "./machine-type.js";
import type { PortForward } from "./port-forward.js";
import { findProcess } from "./process-identity.js";
import {
  baseArguments,
  bootArguments,
  channelArguments,
  type Disk,
  diskArguments,
  instructionClockArguments,
  interruptArguments,
  kernelCommandLine,
  machineFile,
  networkArguments,
  processorArguments,
  type StdioMode,
  startSockets,
  type Volume,
  volumeArguments,
} from "./qemu-arguments.js";
import { connectQmp } from "./qmp-client.js";
import { type Network, startNetwork } from "./start-network.js";
import { listenOnce, type SocketListener } from "./unix-socket.js";

export interface MachineRequest {
  /** Unique among the machines that run in `machinesDirectory`. */
  readonly name: string;
  readonly machinesDirectory: string;
  /** For `ukl ps`: what runs, and how. */
  readonly app: string;
  readonly level: string;
  /** A bzImage. */
  readonly kernel: string;
  /** Absent when the kernel brings its own. */
  readonly initramfs?: Uint8Array;
  /** Added to the kernel's command line. */
  readonly kernelArguments: readonly string[];
  readonly accelerator: AcceleratorChoice;
  /** Default "pc". */
  readonly machine?: MachineType | undefined;
  /** QEMU's name of the processor's model, "qemu64"; default: all that the accelerator can do. */
  readonly cpuModel?: string | undefined;
  readonly memoryMib: number;
  readonly cpus: number;
  /** NUMA nodes; default 1. */
  readonly nodes?: number | undefined;
  /** The clock counts instructions, see `instructionClockArguments`; one CPU, under emulation. */
  readonly instructionClock?: { readonly seed: number } | undefined;
  readonly ports: readonly PortForward[];
  /** Default: passt where it is installed, else QEMU's own. */
  readonly network?: NetworkKind | undefined;
  readonly volumes: readonly Volume[];
  readonly disks: readonly Disk[];
  /** Give it a second serial port, for `Machine.interrupt`. */
  readonly canInterrupt?: boolean;
  /** The guest's ports that make the machine ready; /init has to be told of them too. */
  readonly awaitedPorts?: readonly number[];
  /** With "log" the machine lives on without this process. */
  readonly stdio: StdioMode;
  /** After this it is ended; not for a machine that lives on. */
  readonly timeoutMs?: number;
}

/**
 * Starts a machine. It runs when the promise resolves, which says nothing yet about the application. Aborting
 * `ctx.signal` ends the machine, politely; so does disposing of it, unless its stdio is "log".
 *
 * @throws UklError VM_PORT_IN_USE, VM_NAME_TAKEN, VM_START_FAILED, HOST_TOOL_MISSING
 */
export async function startMachine(ctx: Context, request: MachineRequest): Promise<Machine> {
  await requireTools(ctx, ["qemu"]);
  await checkPorts(request.ports, request.machinesDirectory);
  const accelerator = await findAccelerator(ctx, request.accelerator, request.kernel);
  const means = accelerator.kind === "kvm" ? "KVM" : "emulation";
  ctx.log.info(`Booting ${request.app} at level ${request.level} (${means})`);
  ctx.log.detail(`Why ${means}: ${accelerator.reason}`);
  const state = describeMachine(request, accelerator);
  const directory = await claimMachine(ctx, request.machinesDirectory, state);
  try {
    return await launch(ctx, request, state, directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function describeMachine(request: MachineRequest, accelerator: Accelerator): Omit<MachineState, "process"> {
  const { name, app, level, memoryMib, cpus, ports } = request;
  return {
    ...{ name, app, level, memoryMib, cpus, ports: [...ports] },
    accelerator: accelerator.kind,
    detached: request.stdio === "log",
    startedAt: new Date().toISOString(),
    stopRequested: false,
  };
}

async function launch(
  ctx: Context,
  request: MachineRequest,
  description: Omit<MachineState, "process">,
  directory: string,
): Promise<Machine> {
  const initrd = request.initramfs === undefined ? undefined : "initramfs.cpio";
  if (initrd !== undefined && request.initramfs !== undefined)
    await writeFile(path.join(directory, initrd), request.initramfs);
  const names = startSockets(request.stdio);
  const listeners = await Promise.all(names.map((name) => listenOnce(directory, name)));
  let network: Network | undefined;
  try {
    network = await startNetwork(ctx, directory, request);
    const qemu = await startQemu(ctx, request, description.accelerator, directory, initrd, network.netdev);
    const onAbort = (): void => void qemu.signal("SIGKILL");
    ctx.signal.addEventListener("abort", onAbort);
    try {
      const sockets = await acceptConnections(qemu, names, listeners, directory);
      const qmp = await connectQmp(takeSocket(sockets, machineFile.startSocket));
      const state = { ...description, process: await identify(qemu) };
      await saveMachineState(directory, state);
      await qmp.execute("cont");
      // QEMU has it in memory, and never restarts.
      if (initrd !== undefined) await rm(path.join(directory, initrd));
      ctx.signal.throwIfAborted();
      const { timeoutMs, awaitedPorts = [] } = request;
      return new Machine(ctx, { state, directory, qemu, qmp, sockets, timeoutMs, awaitedPorts });
    } catch (error) {
      qemu.signal("SIGKILL");
      await qemu.exited;
      ctx.signal.throwIfAborted();
      throw error;
    } finally {
      ctx.signal.removeEventListener("abort", onAbort);
    }
  } catch (error) {
    network?.stop();
    throw error;
  } finally {
    for (const listener of listeners) await listener[Symbol.asyncDispose]();
  }
}

async function startQemu(
  ctx: Context,
  request: MachineRequest,
  accelerator: Accelerator["kind"],
  directory: string,
  initrd: string | undefined,
  netdev: string,
): Promise<ProcessGroup> {
  const args = [
    ...baseArguments(request.name),
    ...processorArguments(accelerator, request),
    ...(request.instructionClock === undefined
      ? []
      : instructionClockArguments(request.instructionClock.seed)),
    ...bootArguments(
      path.resolve(request.kernel),
      initrd,
      kernelCommandLine(request.stdio, request.kernelArguments, request.machine),
    ),
    ...channelArguments(request.stdio, request.machine),
    ...(request.canInterrupt === true ? interruptArguments() : []),
    ...networkArguments(netdev, request.machine),
    ...volumeArguments(request.volumes, request.machine),
    ...diskArguments(request.disks, request.machine),
  ];
  ctx.signal.throwIfAborted();
  ctx.log.detail(`$ ${formatCommand({ file: qemuProgram, args, cwd: directory })}`);
  await using log = await open(path.join(directory, machineFile.qemu), "w");
  const outlive = request.stdio === "log";
  // A machine on our terminal must not survive us even if we are killed.
  const command = outlive ? [qemuProgram, ...args] : ["setpriv", "--pdeathsig", "KILL", qemuProgram, ...args];
  const [file = "", ...rest] = command;
  return spawnGroup({ file, args: rest, cwd: directory, stdout: log.fd, stderr: log.fd, outlive });
}

type Sockets = ReadonlyMap<string, Socket>;

/** Waits until QEMU has connected to every socket, or has given up. */
async function acceptConnections(
  qemu: ProcessGroup,
  names: readonly string[],
  listeners: readonly SocketListener[],
  directory: string,
): Promise<Sockets> {
  const connections = Promise.all(listeners.map((listener) => listener.connection));
  const sockets = await Promise.race([connections, qemu.exited.then(() => undefined)]);
  if (sockets === undefined) throw await startFailure(directory);
  return new Map(sockets.map((socket, index) => [names[index] ?? "", socket]));
}

function takeSocket(sockets: Sockets, name: string): Socket {
  const socket = sockets.get(name);
  if (socket === undefined) throw new Error(`QEMU did not connect to ${name}`);
  return socket;
}

async function identify(qemu: ProcessGroup): Promise<MachineState["process"]> {
  const identity = await findProcess(qemu.pid);
  if (identity === undefined)
    throw new UklError("VM_START_FAILED", "Cannot start the machine: QEMU ended at once");
  return identity;
}

async function startFailure(directory: string): Promise<UklError> {
  const text = (await readFile(path.join(directory, machineFile.qemu), "utf8")).trim();
  // Somebody took the port after we had looked.
  const code = /Could not set up host forwarding/.test(text) ? "VM_PORT_IN_USE" : "VM_START_FAILED";
  return new UklError(code, `Cannot start the machine: ${text || "QEMU ended without a message"}`, {
    hint: "Show the command with -v",
  });
}
