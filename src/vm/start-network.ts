// SPDX-License-Identifier: Apache-2.0
/**
 * Connects the guest to the host's network and the host's ports to the guest, without privileges.
 *
 * By passt where it is installed and QEMU can use it. QEMU's own user-mode network needs nothing, but stalls for seconds
 * when some thirty connections are busy at once: redis-benchmark's fifty never finish.
 */

import { access, open, readFile, watch } from "node:fs/promises";
import path from "node:path";
import type { NetworkKind } from "../config/network-kind.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { formatCommand } from "../host/format-command.js";
import { lastLines } from "../host/last-lines.js";
import { type ProcessGroup, spawnGroup } from "../host/process-group.js";
import { requireTools } from "../host/require-tools.js";
import { hasRequirement } from "../host/requirements.js";
import { runCommand } from "../host/run-command.js";
import { guestNetwork } from "../image/prepare-image.js";
import { qemuProgram } from "./find-accelerator.js";
import type { PortForward } from "./port-forward.js";
import { machineFile, streamNetdev, userNetdev } from "./qemu-arguments.js";

export interface Network {
  /** The value of QEMU's -netdev. */
  readonly netdev: string;
  /** Ends it. Only for a QEMU that did not come up: with one that did, it ends by itself. */
  readonly stop: () => void;
}

export interface NetworkRequest {
  readonly ports: readonly PortForward[];
  /** Default: passt where it is installed, else QEMU's own. */
  readonly network?: NetworkKind | undefined;
}

/**
 * Starts what QEMU needs for it, in the machine's directory.
 *
 * @throws UklError HOST_TOOL_MISSING or VM_START_FAILED when passt is asked for and cannot be had
 */
export async function startNetwork(
  ctx: Context,
  directory: string,
  { ports, network }: NetworkRequest,
): Promise<Network> {
  const builtIn = { netdev: userNetdev(ports), stop: () => {} };
  if (network === "qemu") return builtIn;
  const wanted = network === "passt";
  if (wanted) await requireTools(ctx, ["passt"]);
  const able = await hasStreamNetdev(ctx, directory);
  if (wanted && !able)
    throw new UklError("VM_START_FAILED", "Cannot use passt: QEMU can talk to it since 7.2", {
      hint: "Use QEMU's own network: --network qemu",
    });
  if (!able || !(await hasRequirement("passt"))) return builtIn;
  try {
    const passt = await startPasst(ctx, directory, ports);
    return { netdev: streamNetdev(passtSocket), stop: () => void passt.signal("SIGKILL") };
  } catch (error) {
    if (wanted || !(error instanceof UklError)) throw error;
    ctx.log.warn(`QEMU's own network is used, which is slow with many connections: ${error.message}`);
    return builtIn;
  }
}

const passtProgram = "passt";
const passtSocket = "net.sock";

/** QEMU has it since 7.2. */
async function hasStreamNetdev(ctx: Context, directory: string): Promise<boolean> {
  const { stdout } = await runCommand(ctx, qemuProgram, ["-netdev", "help"], {
    cwd: directory,
    allowFailure: true,
  });
  return stdout.split("\n").includes("stream");
}

async function startPasst(
  ctx: Context,
  directory: string,
  ports: readonly PortForward[],
): Promise<ProcessGroup> {
  const forwards = ports.flatMap(({ protocol, hostAddress, hostPort, guestPort }) => [
    protocol === "udp" ? "--udp-ports" : "--tcp-ports",
    `${hostAddress}/${hostPort}:${guestPort}`,
  ]);
  const { gateway, nameServer } = guestNetwork;
  const [address = "", prefixLength = ""] = guestNetwork.address.split("/");
  const args = [
    ...["--foreground", "--quiet", "--one-off", "--socket", passtSocket],
    // As root it would become "nobody", who may not write here.
    ...(process.getuid?.() === 0 ? ["--runas", "0"] : []),
    ...["--address", address, "--netmask", prefixLength, "--gateway", gateway, "--dns-forward", nameServer],
    ...forwards,
  ];
  ctx.log.detail(`$ ${formatCommand({ file: passtProgram, args, cwd: directory })}`);
  await using log = await open(path.join(directory, machineFile.passt), "w");
  // It ends when QEMU closes the connection, with us or after us.
  const passt = await spawnGroup({
    ...{ file: passtProgram, args, cwd: directory, stdout: log.fd, stderr: log.fd, outlive: true },
  });
  const ended = passt.exited.then(() => false);
  if (await Promise.race([waitForFile(directory, passtSocket), ended])) return passt;
  const said = lastLines(await readFile(path.join(directory, machineFile.passt), "utf8"));
  throw new UklError("VM_START_FAILED", `Cannot start passt: ${said || "it ended at once"}`);
}

/** Resolves with true when the file is there. */
async function waitForFile(directory: string, name: string): Promise<true> {
  const controller = new AbortController();
  const changes = watch(directory, { signal: controller.signal })[Symbol.asyncIterator]();
  const isThere = (): Promise<boolean> =>
    access(path.join(directory, name)).then(
      () => true,
      () => false,
    );
  // The watch begins with the first request for a change, so that none is missed after the look.
  let change = changes.next();
  while (!(await isThere())) {
    await change;
    change = changes.next();
  }
  change.catch(() => {});
  controller.abort();
  return true;
}
