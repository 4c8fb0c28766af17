// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Baseline, baselineFile, compareWithBaseline, loadBaseline, saveBaseline } from "./baseline.js";

const maker: Baseline["maker"] = {
  qemu: "QEMU emulator version 7.2.22",
  machine: "pc",
  cpuModel: "max,-erms,-fsrm",
  kernelVersion: "6.12.117",
  kernelCompiler: "gcc 12.2.0",
  programCompiler: "gcc 12.2.0, glibc 2.36",
};

const baseline: Baseline = {
  reason: "first",
  maker,
  configHash: "c0",
  counts: {
    micro: {
      base: { null_call: { count: 158, tolerance: 0.005 }, fork: { count: 190_000, tolerance: 0.04 } },
    },
  },
};

const compare = (counts: Readonly<Record<string, number>>, made: Partial<Baseline> = {}) =>
  compareWithBaseline(baseline, { micro: { base: counts } }, { maker, configHash: "c0", ...made });

describe("compareWithBaseline", () => {
  test("finds nothing in the same counts", () => {
    expect(compare({ null_call: 158, fork: 190_000 })).toEqual({
      ...{ obstacles: [], worse: [], better: [], unmatched: [] },
      ...{ configChanged: false, compared: 2 },
    });
  });

  test("finds one instruction more in a system call, and 5 % all the more", () => {
    for (const is of [159, 158 * 1.05])
      expect(compare({ null_call: is, fork: 190_000 }).worse).toEqual([
        { what: "null_call at base (micro)", was: 158, is, tolerance: 0.005 },
      ]);
  });

  test("lets an operation that differs from layout to layout differ so much", () => {
    expect(compare({ null_call: 158, fork: 197_000 }).worse).toEqual([]);
    expect(compare({ null_call: 158, fork: 198_000 }).worse).toHaveLength(1);
  });

  test("tells progress from a step back", () => {
    const { better, worse } = compare({ null_call: 100, fork: 190_000 });
    expect([better.length, worse.length]).toEqual([1, 0]);
  });

  test("names what only one side knows", () => {
    expect(compare({ null_call: 158, thread: 1 }).unmatched).toEqual([
      "fork at base (micro) is recorded, but was not counted",
      "thread at base (micro) was counted, but is not recorded",
    ]);
  });

  test.each(Object.keys(maker) as (keyof typeof maker)[])("does not compare when %s differs", (key) => {
    const { obstacles, worse, compared } = compare(
      { null_call: 999 },
      { maker: { ...maker, [key]: "other" } },
    );
    expect(obstacles).toEqual([expect.stringContaining(`is "other", and was "${maker[key]}"`)]);
    expect([worse.length, compared]).toEqual([0, 0]);
  });

  test("compares when our own configuration differs, and says so", () => {
    const { configChanged, worse } = compare({ null_call: 999, fork: 190_000 }, { configHash: "c1" });
    expect([configChanged, worse.length]).toEqual([true, 1]);
  });
});

describe("the baseline's file", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), "ukl-baseline-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("is read as it was written", async () => {
    const file = path.join(directory, "baseline.json");
    await saveBaseline(baseline, file);
    expect(await loadBaseline(file)).toEqual(baseline);
  });

  test("is refused when it is damaged", async () => {
    const file = path.join(directory, "damaged.json");
    writeFileSync(file, JSON.stringify({ ...baseline, maker: {} }));
    await expect(loadBaseline(file)).rejects.toMatchObject({
      code: "BENCH_FAILED",
      message: expect.stringContaining("it is damaged"),
      hint: expect.stringContaining(`git checkout -- ${file}`),
    });
  });

  test.each([
    ["missing.json", undefined, "it does not exist"],
    ["cut.json", '{ "reason":', "JSON"],
  ])("is refused as %s", async (name, text, reason) => {
    const file = path.join(directory, name);
    if (text !== undefined) writeFileSync(file, text);
    await expect(loadBaseline(file)).rejects.toMatchObject({
      code: "BENCH_FAILED",
      message: expect.stringContaining(reason),
    });
  });

  test("is kept with the sources, with a reason", async () => {
    const { reason, counts } = await loadBaseline(baselineFile);
    expect(reason).toMatch(/\w/);
    expect(Object.keys(counts["micro"] ?? {})).toContain("base");
  });
});
