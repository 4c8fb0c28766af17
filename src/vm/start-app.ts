// SPDX-License-Identifier: Apache-2.0
/** From an application to its running machine: what `ukl run` does before it connects the terminal. */

import type { App, AppFile } from "../config/app.js";
import type { Level } from "../config/level.js";
import type { NetworkKind } from "../config/network-kind.js";
import type { Context } from "../host/context.js";
import { buildInitramfs } from "../image/initramfs.js";
import { type ImageRequest, prepareImage } from "../image/prepare-image.js";
import { checkPorts } from "./check-ports.js";
import type { AcceleratorChoice } from "./find-accelerator.js";
import { ownMachineArguments } from "./level-arguments.js";
import type { Machine } from "./machine.js";
import { findMachinesDirectory } from "./machine-registry.js";
import type { MachineType } from "./machine-type.js";
import type { PortForward } from "./port-forward.js";
import type { StdioMode } from "./qemu-arguments.js";
import { startMachine } from "./start-machine.js";
import { resolveStorage } from "./storage.js";

/** What is left out is as the application has it. */
export interface StartRequest {
  readonly app: App;
  /** Follow the application's own arguments. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly level?: Level | undefined;
  /** Follow the application's own files. */
  readonly files?: readonly AppFile[] | undefined;
  /** The kernel series. */
  readonly series?: string | undefined;
  readonly kernelConfig?: ImageRequest["kernelConfig"];
  /** Default: the application's. */
  readonly network?: NetworkKind | undefined;
  readonly starter?: ImageRequest["starter"];
  /** Beside what the application has. */
  readonly extraMemoryMib?: number | undefined;
  /** Default: each of the application's ports at the same port of this host. */
  readonly ports?: readonly PortForward[] | undefined;
  /** `DIR[:PATH]`, see resolveStorage. */
  readonly volumes?: readonly string[];
  readonly disks?: readonly string[];
  /** Default "pc". */
  readonly machine?: MachineType | undefined;
  readonly memoryMib?: number | undefined;
  readonly cpus?: number | undefined;
  readonly accelerator?: AcceleratorChoice | undefined;
  /** Randomise the kernel's addresses; default no. */
  readonly kaslr?: boolean | undefined;
  /** Default "pipes". */
  readonly stdio?: StdioMode;
  /** Default: the application's name, with this process's number unless the machine lives on. */
  readonly name?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** Default: of the project that the current directory belongs to. */
  readonly machinesDirectory?: string;
}

/**
 * Builds what the application needs and starts its machine.
 *
 * @throws what `prepareImage` and `startMachine` throw
 */
export async function startApp(ctx: Context, request: StartRequest): Promise<Machine> {
  const { app, stdio = "pipes" } = request;
  const ports = request.ports ?? defaultForwards(app);
  // Before the builds, which may take minutes.
  const machinesDirectory = request.machinesDirectory ?? findMachinesDirectory(process.cwd());
  await checkPorts(ports, machinesDirectory);
  const storage = await resolveStorage({ volumes: request.volumes ?? [], disks: request.disks ?? [] }, app);
  const awaitedPorts = ports.filter(({ protocol }) => protocol === "tcp").map(({ guestPort }) => guestPort);
  const { kernel, contents, level } = await prepareImage(ctx, {
    app,
    level: request.level,
    args: request.args ?? [],
    env: request.env ?? {},
    files: request.files ?? [],
    series: request.series,
    ...{ kernelConfig: request.kernelConfig, starter: request.starter },
    mounts: storage.mounts,
    awaitedPorts,
  });
  const { timeoutMs } = request;
  const initramfs = buildInitramfs(contents);
  return startMachine(ctx, {
    name: request.name ?? (stdio === "log" ? app.name : `${app.name}-${process.pid}`),
    machinesDirectory,
    app: app.name,
    level,
    kernel: kernel.bzImage,
    initramfs,
    kernelArguments: ownMachineArguments(level, request.kaslr ?? false),
    accelerator: request.accelerator ?? "auto",
    machine: request.machine,
    memoryMib: (request.memoryMib ?? chooseMemoryMib(app, initramfs)) + (request.extraMemoryMib ?? 0),
    cpus: request.cpus ?? app.cpus,
    ports,
    network: request.network ?? app.network,
    volumes: storage.volumes,
    disks: storage.disks,
    awaitedPorts,
    stdio,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

/** While the kernel unpacks the files it has them twice, and gives them half of what the archive leaves. */
function chooseMemoryMib({ memoryBytes }: App, initramfs: Uint8Array): number {
  const mib = 2 ** 20;
  return Math.max(Math.ceil(memoryBytes / mib), kernelMib + Math.ceil((3 * initramfs.length) / mib));
}

/** For the kernel itself, and a program that has only just begun. */
const kernelMib = 96;

/** Each of the application's ports at the same port of this host. */
export function defaultForwards({ ports, udpPorts }: Pick<App, "ports" | "udpPorts">): PortForward[] {
  const forward = (port: number, protocol: PortForward["protocol"]): PortForward => ({
    ...{ guestPort: port, hostPort: port },
    hostAddress: "127.0.0.1",
    protocol,
  });
  return [...ports.map((port) => forward(port, "tcp")), ...udpPorts.map((port) => forward(port, "udp"))];
}
