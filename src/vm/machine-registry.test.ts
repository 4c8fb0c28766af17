// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createContext } from "../host/context.js";
import {
  claimMachine,
  findMachine,
  findMachinesDirectory,
  listMachines,
  type MachineState,
  resolveMachine,
  saveMachineState,
} from "./machine-registry.js";
import { findProcess, isRunning } from "./process-identity.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-registry-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const ctx = createContext();
const state: Omit<MachineState, "process"> = {
  name: "r1",
  app: "redis",
  level: "base",
  accelerator: "tcg",
  memoryMib: 64,
  cpus: 1,
  ports: [],
  detached: true,
  startedAt: "2026-01-01T00:00:00.000Z",
  stopRequested: false,
};
/** A process that was, or one with our number that was another. */
const gone = { pid: process.pid, startTime: "1" };

describe("claimMachine", () => {
  test("a name is taken as long as its process runs", async () => {
    await claimMachine(ctx, directory, state);
    await expect(claimMachine(ctx, directory, state)).rejects.toMatchObject({ code: "VM_NAME_TAKEN" });
    await claimMachine(ctx, directory, { ...state, name: "r2" });
    expect((await listMachines(directory)).map(({ name, running }) => [name, running])).toEqual([
      ["r1", true],
      ["r2", true],
    ]);
  });

  test("only one of many gets it", async () => {
    const claims = await Promise.allSettled(
      Array.from({ length: 4 }, () => claimMachine(ctx, directory, state)),
    );
    expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("what a machine that has ended left makes room", async () => {
    const place = await claimMachine(ctx, directory, state);
    writeFileSync(path.join(place, "console.log"), "old");
    await saveMachineState(place, { ...state, process: gone });
    expect((await findMachine(directory, "r1"))?.running).toBe(false);
    await claimMachine(ctx, directory, state);
    expect((await findMachine(directory, "r1"))?.running).toBe(true);
  });

  test("a name is a plain word", async () => {
    for (const name of ["", "..", "a/b", "-x", "a b"])
      await expect(claimMachine(ctx, directory, { ...state, name })).rejects.toMatchObject({
        code: "USAGE_INVALID",
      });
  });
});

describe("findMachine", () => {
  test.each([
    ["status.log", "started\nexit 3\n", { kind: "exit", status: 3 }],
    ["status.log", "started\nsignal 11\n", { kind: "signal", number: 11, signal: "SIGSEGV" }],
    ["kernel.log", "[  1.0] Kernel panic - not syncing: x\n", { kind: "panic" }],
    ["qemu.log", "qemu: terminated\n", { kind: "lost", reason: "qemu: terminated" }],
  ])("an ended machine tells how by its %s", async (file, content, exit) => {
    const place = await claimMachine(ctx, directory, state);
    await saveMachineState(place, { ...state, process: gone });
    writeFileSync(path.join(place, file), content);
    expect((await findMachine(directory, "r1"))?.exit).toMatchObject(exit);
  });

  test("an unknown name is answered with those that there are", async () => {
    await claimMachine(ctx, directory, state);
    await expect(resolveMachine(directory, "r2")).rejects.toThrow(
      'Cannot find the machine "r2": there is "r1"',
    );
  });
});

test("findMachinesDirectory goes up to the project", () => {
  mkdirSync(path.join(directory, "a", "b"), { recursive: true });
  writeFileSync(path.join(directory, "ukl.config.ts"), "");
  expect(findMachinesDirectory(path.join(directory, "a", "b"))).toBe(
    path.join(directory, ".ukl", "machines"),
  );
});

test("a process is known by number and start time", async () => {
  const self = await findProcess(process.pid);
  expect(self && (await isRunning(self))).toBe(true);
  expect(await isRunning(gone)).toBe(false);
  expect(await findProcess(2 ** 22)).toBeUndefined();
});
