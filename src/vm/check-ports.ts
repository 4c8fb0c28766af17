// SPDX-License-Identifier: Apache-2.0
/** Finds out before the start whether the host's ports are free, by binding them; QEMU's own message says little. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";
import { UklError } from "../errors/ukl-error.js";
import { isSystemError } from "../host/system-error.js";
import { listMachines } from "./machine-registry.js";
import { formatHostEnd, type PortForward } from "./port-forward.js";

/**
 * @param machinesDirectory of the machines that may have a port
 * @throws UklError VM_PORT_IN_USE, naming the machine or the process that has the port if that can be seen
 */
export async function checkPorts(ports: readonly PortForward[], machinesDirectory: string): Promise<void> {
  for (const port of ports) {
    try {
      await bind(port);
    } catch (error) {
      throw await explain(port, error, machinesDirectory);
    }
  }
}

async function bind({ hostAddress, hostPort, protocol }: PortForward): Promise<void> {
  if (protocol === "udp") {
    const socket = createSocket("udp4").bind({ port: hostPort, address: hostAddress, exclusive: true });
    await once(socket, "listening");
    await new Promise<void>((resolve) => socket.close(resolve));
  } else {
    const server = createServer().listen({ port: hostPort, host: hostAddress, exclusive: true });
    await once(server, "listening");
    await new Promise((resolve) => server.close(resolve));
  }
}

async function explain(port: PortForward, error: unknown, machinesDirectory: string): Promise<unknown> {
  const action = `Cannot forward ${formatHostEnd(port)} to the guest's port ${port.guestPort}`;
  if (isSystemError(error, "EADDRINUSE")) {
    const owner = await findOwner(port, machinesDirectory);
    const by = owner === undefined ? "" : ` by ${owner.title}`;
    const stop = owner?.machine === undefined ? "" : `End it: ukl stop ${owner.machine}\n`;
    return new UklError("VM_PORT_IN_USE", `${action}: it is in use${by}`, {
      hint: `${stop}${anotherPort(port)}`,
      cause: error,
    });
  }
  if (isSystemError(error, "EACCES"))
    return new UklError("VM_PORT_IN_USE", `${action}: ports below 1024 need root`, {
      hint: anotherPort(port),
      cause: error,
    });
  if (isSystemError(error, "EADDRNOTAVAIL", "EINVAL", "ENOTFOUND"))
    return new UklError(
      "USAGE_INVALID",
      `${action}: this host does not have the address ${port.hostAddress}`,
      {
        cause: error,
      },
    );
  return error;
}

function anotherPort({ guestPort, hostPort }: PortForward): string {
  const other = hostPort < 50_000 ? hostPort + 10_000 : hostPort - 10_000;
  return `Take another port of this host: --port ${guestPort}:${other}`;
}

interface PortOwner {
  /** `redis-server (process 1234)`, `the machine "r1"`. */
  readonly title: string;
  /** The name of the machine that forwards it. */
  readonly machine?: string;
}

/** Undefined when it belongs to somebody else, whose files we may not see. */
async function findOwner(port: PortForward, machinesDirectory: string): Promise<PortOwner | undefined> {
  const machines = (await listMachines(machinesDirectory)).filter(({ running }) => running);
  const machine = machines.find(({ ports }) => ports.some((other) => isSameEnd(port, other)))?.name;
  if (machine !== undefined) return { title: `the machine "${machine}"`, machine };
  const inodes = await findSocketInodes(port);
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    if (await hasSocket(pid, inodes)) return { title: await describeProcess(pid) };
  }
  return undefined;
}

function isSameEnd(a: PortForward, b: PortForward): boolean {
  return a.hostPort === b.hostPort && a.protocol === b.protocol;
}

async function describeProcess(pid: string): Promise<string> {
  const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
  return `${name || "a program"} (process ${pid})`;
}

/** From /proc/net: "sl local_address rem_address st … inode", the port in hexadecimal. */
async function findSocketInodes({ hostPort, protocol }: PortForward): Promise<ReadonlySet<string>> {
  const suffix = `:${hostPort.toString(16).toUpperCase().padStart(4, "0")}`;
  const listening = protocol === "tcp" ? "0A" : "07";
  const inodes = new Set<string>();
  for (const table of [protocol, `${protocol}6`]) {
    const text = await readFile(`/proc/net/${table}`, "utf8").catch(() => "");
    for (const line of text.split("\n")) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === listening) inodes.add(`socket:[${fields[9]}]`);
    }
  }
  return inodes;
}

async function hasSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  try {
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const targets = descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""));
    return (await Promise.all(targets)).some((target) => inodes.has(target));
  } catch {
    return false;
  }
}
