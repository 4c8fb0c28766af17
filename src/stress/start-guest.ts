// SPDX-License-Identifier: Apache-2.0
/** Boots a machine with Redis at ring 0 and a shell beside it, through which the host does the rest. */

import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "../host/context.js";
import type { GuestMount } from "../image/guest-configuration.js";
import { buildInitramfs, type GuestFile } from "../image/initramfs.js";
import { findFreePorts } from "../vm/find-free-ports.js";
import { createGuestShell, type GuestShell } from "../vm/guest-shell.js";
import { ownMachineArguments } from "../vm/level-arguments.js";
import type { Machine } from "../vm/machine.js";
import { findMachinesDirectory } from "../vm/machine-registry.js";
import type { Disk, Volume } from "../vm/qemu-arguments.js";
import { startMachine } from "../vm/start-machine.js";
import { RedisError } from "./parse-reply.js";
import { connectRedis } from "./redis-client.js";
import { buildRedisImage, redisGuestPort } from "./redis-image.js";
import type { StressSettings } from "./stress-settings.js";

export interface GuestRequest {
  readonly settings: StressSettings;
  /** Unique among the machines of the project. */
  readonly name: string;
  /** A guest that lives longer hangs, and is ended. */
  readonly timeoutMs: number;
  /** Default 512. */
  readonly memoryMib?: number;
  /** Programs and libraries beside Redis. */
  readonly files?: readonly GuestFile[];
  /** Follow the recipe's own. */
  readonly redisArgs?: readonly string[];
  readonly volumes?: readonly Volume[];
  readonly disks?: readonly Disk[];
  readonly mounts?: readonly GuestMount[];
}

export interface Guest extends AsyncDisposable {
  readonly machine: Machine;
  readonly shell: GuestShell;
  /** Of this host. */
  readonly redisPort: number;
  /** Resolves when it listens and has its data. @throws Error when it does not come to that */
  startRedis(): Promise<void>;
}

/** Enough for all of the neighbours at once. */
const defaultMemoryMib = 512;

/** @throws what the builds and `startMachine` throw */
export async function startGuest(ctx: Context, request: GuestRequest): Promise<Guest> {
  const { settings, name, timeoutMs, memoryMib = defaultMemoryMib } = request;
  const { files = [], volumes = [], disks = [], mounts = [] } = request;
  const { level, series, cpus, accelerator } = settings;
  const { kernel, contents, redisCommand } = await buildRedisImage(ctx, { level, series, files, mounts });
  const [redisPort = 0] = await findFreePorts(1);
  const machine = await startMachine(ctx, {
    ...{ name, level, accelerator, memoryMib, cpus, volumes, disks, timeoutMs },
    machinesDirectory: findMachinesDirectory(process.cwd()),
    app: "stress",
    kernel: kernel.bzImage,
    initramfs: buildInitramfs(contents),
    kernelArguments: ownMachineArguments(level, false),
    ports: [{ guestPort: redisGuestPort, hostPort: redisPort, hostAddress: "127.0.0.1", protocol: "tcp" }],
    awaitedPorts: [redisGuestPort],
    stdio: "pipes",
  });
  const { stdin, stdout, stderr } = machine;
  if (stdin === undefined || stdout === undefined) throw new Error("a shell needs a machine with pipes");
  stderr?.on("data", (chunk: Buffer) => ctx.log.output(chunk.toString().trimEnd()));
  const shell = createGuestShell({ stdin, stdout });
  return {
    ...{ machine, shell, redisPort },
    startRedis: async () => {
      await shell.succeed(`${[redisCommand, ...(request.redisArgs ?? [])].join(" ")} > ${redisLog} &`);
      if (!(await machine.ready)) throw new Error("the machine ended before Redis listened");
      await waitUntilLoaded(redisPort);
    },
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

/** It answers while it reads its file, but not with data, and says by no event when it has. */
async function waitUntilLoaded(port: number): Promise<void> {
  using client = await connectRedis(port);
  for (;;) {
    const reply = await client.send("PING");
    if (reply === "PONG") return;
    if (!(reply instanceof RedisError && reply.message.startsWith("LOADING")))
      throw new Error(`Redis answered ${reply} to PING`);
    await pause(50);
  }
}

const redisLog = "/run/redis.log";
