// SPDX-License-Identifier: Apache-2.0
/** Power cuts in the middle of writes that Redis acknowledges only when they are on the disk. */

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "../host/context.js";
import type { Random } from "../host/random.js";
import { runCommand } from "../host/run-command.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import { resolveStorage } from "../vm/storage.js";
import { driveGuest } from "./drive-guest.js";
import { connectRedis, type RedisClient } from "./redis-client.js";
import type { Scenario, ScenarioOutcome, ScenarioRun } from "./scenario.js";
import type { Guest, GuestRequest } from "./start-guest.js";
import { createWriteLedger, type WriteLedger } from "./write-ledger.js";

export const powerCutScenario: Scenario = {
  name: "power-cut",
  brief: "QEMU killed while Redis writes with appendfsync always, to a disk and to a directory of the host",
  run: async (ctx, run) => {
    await using directory = await createTemporaryDirectory("stress");
    return await cutOften(ctx, run, directory.path);
  },
};

/** Where Redis keeps its file, with what was written there. */
interface Store {
  readonly storage: Pick<GuestRequest, "volumes" | "disks" | "mounts">;
  readonly ledger: WriteLedger;
}

async function cutOften(ctx: Context, run: ScenarioRun, directory: string): Promise<ScenarioOutcome> {
  const disk = await createDisk(ctx, path.join(directory, "disk.img"));
  const volume = await createVolume(path.join(directory, "volume"));
  const cuts = run.settings.counts.powerCuts;
  const random = run.random("moments");
  const outcomes: ScenarioOutcome[] = [];
  for (let round = 0; round < cuts; round++) {
    ctx.log.progress(round, cuts);
    outcomes.push(
      await checkAndCut(ctx, run, { store: round % 2 === 0 ? disk : volume, fsync: "always", random }),
    );
  }
  for (const store of [disk, volume]) outcomes.push(await checkKept(ctx, run, store));
  outcomes.push(await checkControl(ctx, run, directory));
  const acknowledged = disk.ledger.acknowledged + volume.ledger.acknowledged;
  return {
    findings: outcomes.flatMap(({ findings }) => findings),
    problems: outcomes.flatMap(({ problems }) => problems),
    figures: {
      cuts,
      "writes acknowledged": acknowledged,
      "lost without fsync": outcomes.at(-1)?.figures["lost"] ?? 0,
    },
  };
}

async function createDisk(ctx: Context, file: string): Promise<Store> {
  await runCommand(ctx, "truncate", ["-s", "64M", file]);
  await runCommand(ctx, "mkfs.ext4", ["-q", file]);
  const storage = await resolveStorage({ volumes: [], disks: [`${file}:/data`] }, { volumes: [], disks: [] });
  return { storage, ledger: createWriteLedger() };
}

async function createVolume(directory: string): Promise<Store> {
  await mkdir(directory);
  const request = { volumes: [`${directory}:/data`], disks: [] };
  return { storage: await resolveStorage(request, { volumes: [], disks: [] }), ledger: createWriteLedger() };
}

/** When Redis writes its file through to the disk: before it acknowledges, or when the kernel likes. */
type Fsync = "always" | "no";

function describeGuest({ settings, machineName }: ScenarioRun, store: Store, fsync: Fsync): GuestRequest {
  return {
    ...{ settings, name: machineName, timeoutMs: bootAndWriteMs, ...store.storage },
    redisArgs: ["--save", "''", "--appendonly", "yes", "--appendfsync", fsync],
  };
}

/** A round takes seconds. */
const bootAndWriteMs = 240_000;

interface Cut {
  readonly store: Store;
  readonly fsync: Fsync;
  /** Decides the moment. */
  readonly random: Random;
}

/** Boots, checks what the rounds before have written, writes, and cuts the power at a moment that the seed decides. */
function checkAndCut(ctx: Context, run: ScenarioRun, cut: Cut): Promise<ScenarioOutcome> {
  const { store, fsync, random } = cut;
  const writes = 20 + random.integer(200);
  const delayMs = random.integer(20);
  return driveGuest(ctx, {
    request: describeGuest(run, store, fsync),
    cut: true,
    work: async (guest) => {
      const missing = await findMissing(guest, store.ledger);
      if (missing.length > 0) throw new Error(`After a power cut ${missing.join("; ")}`);
      await writeUntil(guest, store.ledger, writes, async () => {
        // Not on the very answer: anywhere in the writes that follow.
        await pause(delayMs);
        await guest.machine.cutPower();
      });
      return {};
    },
  });
}

function checkKept(ctx: Context, run: ScenarioRun, store: Store): Promise<ScenarioOutcome> {
  return driveGuest(ctx, {
    request: describeGuest(run, store, "always"),
    work: async (guest) => {
      const missing = await findMissing(guest, store.ledger);
      if (missing.length > 0) throw new Error(`After a power cut ${missing.join("; ")}`);
      return {};
    },
  });
}

/** Without fsync a cut has to lose writes, or this scenario could not tell. */
async function checkControl(ctx: Context, run: ScenarioRun, directory: string): Promise<ScenarioOutcome> {
  const store = await createDisk(ctx, path.join(directory, "control.img"));
  const cut = await checkAndCut(ctx, run, { store, fsync: "no", random: run.random("control") });
  if (cut.findings.length > 0) return cut;
  return driveGuest(ctx, {
    request: describeGuest(run, store, "no"),
    work: async (guest) => {
      const lost = (await findMissing(guest, store.ledger)).length;
      if (lost === 0)
        throw new Error("A power cut without fsync lost nothing: lost writes would not be seen");
      return { lost };
    },
  });
}

const writers = 4;
const keysOfWriter = 50;

/** Writes with several connections until so many writes were acknowledged, then runs `cut` while they go on. */
async function writeUntil(
  guest: Guest,
  ledger: WriteLedger,
  writes: number,
  cut: () => Promise<void>,
): Promise<void> {
  const clients = await Promise.all(Array.from({ length: writers }, () => connectRedis(guest.redisPort)));
  const end = ledger.acknowledged + writes;
  let cutting: Promise<void> | undefined;
  const write = async (client: RedisClient, writer: number): Promise<void> => {
    for (let count = 0; ; count++) {
      const key = `cut:${writer}:${count % keysOfWriter}`;
      const value = ledger.begin(key);
      const reply = await client.send("SET", key, String(value));
      if (reply !== "OK") throw new Error(`Redis answered ${reply} to a write`);
      ledger.acknowledge(key, value);
      if (ledger.acknowledged >= end) cutting ??= cut();
    }
  };
  const endings = await Promise.allSettled(clients.map(write));
  for (const client of clients) client[Symbol.dispose]();
  // Every writer ends by the loss of its connection, which is right once the power is cut.
  const [first] = endings;
  if (cutting === undefined) throw first?.status === "rejected" ? first.reason : new Error("no writer");
  await cutting;
}

async function findMissing(guest: Guest, ledger: WriteLedger): Promise<string[]> {
  using client = await connectRedis(guest.redisPort);
  const missing: string[] = [];
  for (const key of ledger.keys) {
    const kept = await client.send("GET", key);
    const wrong = ledger.check(key, kept === null ? undefined : String(kept));
    if (wrong !== undefined) missing.push(wrong);
  }
  return missing;
}
