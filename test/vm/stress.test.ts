// SPDX-License-Identifier: Apache-2.0
/** Redis in ring 0 under attack and load: what `ukl kernel stress` does at length, shortly. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { resolveApp } from "../../src/app/resolve-app.js";
import { createContext } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { prepareImage } from "../../src/image/prepare-image.js";
import { runStress, type StressRequest } from "../../src/stress/run-stress.js";
import { listMachines } from "../../src/vm/machine-registry.js";
import { isRunning } from "../../src/vm/process-identity.js";
import { finishCommand } from "../finish-command.js";
import { createScratch, readUntil, type Scratch } from "./boot.js";
import { startUkl } from "./ukl-command.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

beforeAll(async () => {
  execFileSync(packagePath("node_modules", ".bin", "tsc"), ["--build"], { cwd: packagePath() });
  await prepareImage(ctx, { app: await resolveApp("redis") });
});

/** One scenario, the same every time; what was counted. */
async function runOne(scenario: string, request: StressRequest) {
  const { results } = await runStress(ctx, { seed: 5, scenarios: [scenario], ...request });
  const [{ findings, problems, figures }] = results as [(typeof results)[0]];
  expect([...findings, ...problems]).toEqual([]);
  return figures;
}

describe("Redis in ring 0", () => {
  test("lives on beside a neighbour that tries system calls at random", async () => {
    const figures = await runOne("trinity", { durationMs: 15_000 });
    expect(figures["system calls"]).toBeGreaterThan(0);
    expect(figures["answers checked"]).toBeGreaterThan(100);
  });

  test("lives on when others take all memory, in ring 3 and in ring 0", async () => {
    const figures = await runOne("memory", { counts: { hogs: 1 } });
    expect(figures["hogs ended"]).toBe(2);
  });

  test("has every write that it acknowledged after a power cut", async () => {
    const figures = await runOne("power-cut", { counts: { powerCuts: 2 } });
    expect(figures).toMatchObject({ cuts: 2, "writes acknowledged": expect.any(Number) });
    expect(figures["lost without fsync"]).toBeGreaterThan(0);
  });
});

/** Of a project of its own, whatever the directories above it are. */
function createProject(): Scratch {
  const scratch = createScratch();
  mkdirSync(scratch.machinesDirectory, { recursive: true });
  return scratch;
}

describe("ukl kernel stress", () => {
  const command = ["kernel", "stress", "-vv", "--seed", "5", "--filter"];

  test("says of a QEMU that somebody killed that it was, and how to repeat it", async () => {
    using scratch = createProject();
    const child = startUkl(scratch.directory, [...command, "memory"]);
    await readUntil(child.stderr ?? undefined, "Run /init");
    const [machine] = await listMachines(scratch.machinesDirectory);
    if (machine === undefined) throw new Error("there is no machine");
    process.kill(machine.process.pid, "SIGKILL");
    const { status, stdout } = await finishCommand(child);
    expect(status).toBe(1);
    expect(stdout).toContain("QEMU was killed by SIGKILL");
    expect(stdout).toMatch(/^Seed 5, level base$/m);
  });

  test("ends all that it started on Ctrl-C", async () => {
    using scratch = createProject();
    const traces = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("ukl-stress-"));
    const before = traces();
    const child = startUkl(scratch.directory, [...command, "power-cut"]);
    await readUntil(child.stderr ?? undefined, "Run /init");
    const machines = await listMachines(scratch.machinesDirectory);
    expect(machines).toHaveLength(1);
    child.kill("SIGINT");
    expect((await finishCommand(child)).status).toBe(130);
    for (const { process } of machines) expect(await isRunning(process)).toBe(false);
    expect(traces()).toEqual(before);
  });
});
