// SPDX-License-Identifier: Apache-2.0
/** The probe with real kernels: it must tell an accelerator that works from one that does not. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { findAccelerator, qemuProgram, runProbeGuest } from "../../src/vm/find-accelerator.js";
import { requireCpuModel } from "../../src/vm/require-cpu-model.js";
import { requireOwnEnd } from "../../src/vm/require-own-end.js";
import { createTestDirectory } from "../test-directory.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });
let kernels: readonly string[];

beforeAll(async () => {
  const ours = await buildKernel(ctx, { ukl: true });
  const stock = await buildKernel(ctx, { ukl: false });
  kernels = [ours.bzImage, stock.bzImage];
});

describe("the probe's guest", () => {
  test.each([
    ["ours", 0],
    ["the stock kernel", 1],
  ])("runs to its end under emulation: %s", async (_name, index) => {
    const kernel = kernels[index] ?? "";
    expect(await runProbeGuest(ctx, "tcg", { kernel, timeoutMs: 60_000 })).toEqual({
      kind: "tcg",
      reason: "a small guest ran",
    });
  });

  test("is a hang when it does not finish in time", async () => {
    const { reason } = await runProbeGuest(ctx, "tcg", { kernel: kernels[0] ?? "", timeoutMs: 1 });
    expect(reason).toBe("a small guest hung under KVM for 0.001 s");
  });

  test("has failed when there is no kernel", async () => {
    const { reason } = await runProbeGuest(ctx, "tcg", { kernel: "/no/kernel", timeoutMs: 60_000 });
    expect(reason).toMatch(/^a small guest failed under KVM: .*could not/);
  });
});

test("the choice has a reason, and is remembered", async () => {
  await using directory = await createTestDirectory();
  const fresh = createContext({ cacheDir: directory.path });
  const first = await findAccelerator(fresh, "auto", kernels[0] ?? "");
  expect(first.reason).not.toBe("");
  expect(await findAccelerator(fresh, "auto", kernels[0] ?? "")).toEqual(first);
  if (existsSync("/dev/kvm"))
    expect(await readdir(path.join(directory.path, "probe"))).toEqual([expect.stringMatching(/\.json$/)]);
  if (first.kind === "tcg")
    await expect(findAccelerator(fresh, "kvm", kernels[0] ?? "")).rejects.toThrow(
      `Cannot use KVM: ${first.reason}`,
    );
});

test("a QEMU that somebody else ends says so as we expect it", async () => {
  const machine = ["-M", "none", "-nodefaults", "-display", "none", "-qmp", "stdio"];
  const qemu = spawn(qemuProgram, machine, { stdio: "pipe" });
  const stderr = qemu.stderr.toArray();
  // When it answers it has taken over its signals.
  qemu.stdin.write('{ "execute": "qmp_capabilities" }');
  for await (const line of createInterface(qemu.stdout)) if (line.includes('"return"')) break;
  qemu.kill("SIGTERM");
  const [code, signal] = await once(qemu, "exit");
  expect([code, signal]).toEqual([0, null]);
  const said = Buffer.concat(await stderr).toString();
  expect(() => requireOwnEnd("measure", { signal: undefined, stderr: said })).toThrow("with SIGTERM");
});

describe("a model of processor", () => {
  test.each(["max,-erms", "EPYC-Milan"])("%s is one", async (model) => {
    await requireCpuModel(ctx, model, "tcg");
  });

  test.each([
    ["EPYC-Mailand", "unable to find CPU model 'EPYC-Mailand'"],
    ["max,-ermsx", "Property 'max-x86_64-cpu.ermsx' not found"],
    ["host", "CPU model 'host' requires KVM or HVF"],
    ["help", "it is none"],
  ])("%s is none", async (model, reason) => {
    await expect(requireCpuModel(ctx, model, "tcg")).rejects.toMatchObject({
      code: "USAGE_INVALID",
      message: `Cannot use the processor "${model}": ${reason}`,
      hint: expect.stringContaining("-cpu help"),
    });
  });
});
