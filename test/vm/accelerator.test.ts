// SPDX-License-Identifier: Apache-2.0
/** The probe with real kernels: it must tell an accelerator that works from one that does not. */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { findAccelerator, runProbeGuest } from "../../src/vm/find-accelerator.js";
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
