// SPDX-License-Identifier: Apache-2.0
/** Measuring in time: that the whole way works, on an emulator, of which no figure means anything. */

import { describe, expect, test } from "vitest";
import { microSuite } from "../../src/bench/micro.js";
import { parseTimes } from "../../src/bench/parse-times.js";
import { prepareMicro } from "../../src/bench/prepare-boot.js";
import { redisSuite } from "../../src/bench/redis.js";
import { runBench } from "../../src/bench/run-bench.js";
import { runTimed } from "../../src/bench/run-timed.js";
import type { Suite } from "../../src/bench/suite.js";
import { variantOf } from "../../src/bench/variant.js";
import { createContext } from "../../src/host/context.js";
import { findAccelerator } from "../../src/vm/find-accelerator.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

const names = ["getppid", "pipe_ping_pong"];
const prepare = (variant: Suite["baseline"]) =>
  prepareMicro(ctx, variant, { operations: names, program: "timed" });
const suite: Suite = {
  ...microSuite,
  references: [],
  operations: names.map((name) => ({ name, title: name })),
  time: { prepare: (_ctx, variant) => prepare(variant), requests: [] },
};

test("ukl bench --accel tcg measures in rounds, and claims nothing", async () => {
  const report = await runBench(ctx, { suite, levels: ["base"], accelerator: "tcg", roundCount: 2 });
  expect(report.controls.map(({ passed, name }) => [passed, name])).toEqual([
    [true, "Same configuration"],
    [true, "Clock: the processor's counter against CLOCK_MONOTONIC_RAW"],
    [true, "A/A: the baseline against itself"],
  ]);
  expect(report).toMatchObject({ evidence: "emulated-wall", unit: "nanoseconds per operation", ok: true });
  expect(report.environment).toMatchObject({
    ...{ cpuModel: "max", seeds: [1, 2] },
    host: { accelerator: "tcg", processor: expect.stringMatching(/./) },
  });
  expect(report.conclusion).toEqual([expect.stringContaining("no difference is claimed")]);
  const [getppid, pipe] = report.rows;
  // A system call that does next to nothing; and two switches of processes, which are more than that.
  expect(getppid?.baseline.min).toBeGreaterThan(20);
  expect(getppid?.baseline.max).toBeLessThan(100_000);
  expect(pipe?.baseline.median).toBeGreaterThan(getppid?.baseline.median as number);
  for (const { cells } of report.rows) {
    expect(cells.map(({ variant, claim }) => [variant, claim])).toEqual([["base", "same"]]);
    for (const { ratio } of cells) {
      expect(ratio.min).toBeGreaterThan(0.01);
      expect(ratio.max).toBeLessThan(100);
    }
  }
});

describe("the latency of a server", () => {
  test("is that of requests at a fixed rate, whose waiting counts", async () => {
    // A GET every 4 ms is no load. An emulated server cannot answer an MSET every 40 µs: they have to queue.
    const intervals = { get: 4_000_000, mset: 40_000 };
    const boot = await redisSuite.time?.prepare(ctx, variantOf("base"), intervals);
    if (boot === undefined) throw new Error("Redis is not measured in time");
    const output = await runTimed(ctx, { ...boot, title: "redis", seed: 1, accelerator: "tcg" });
    const { latencies, operations } = parseTimes(output, "redis");
    expect([...latencies].map(([request, { intervalNs }]) => [request, intervalNs])).toEqual([
      ["get", 4_000_000],
      ["mset", 40_000],
    ]);
    const requestsOf = (request: string) =>
      [...(latencies.get(request)?.histogram.values() ?? [])].reduce((sum, count) => sum + count, 0);
    expect(requestsOf("get")).toBe(251);
    expect(requestsOf("mset")).toBe(25_001);
    const of = (name: string): number => operations.get(name) as number;
    expect(of("get_latency_p50")).toBeGreaterThan(1_000);
    expect(of("get_latency_p99.9")).toBeGreaterThanOrEqual(of("get_latency_p50"));
    // Half of them waited for longer than a hundred of them take.
    expect(of("mset_latency_p50")).toBeGreaterThan(100 * of("mset_p1_all"));
    expect(of("mset_latency_p99")).toBeGreaterThan(1.5 * of("mset_latency_p50"));
  });
});

test("ukl bench --accel kvm says why it cannot where KVM does not work", async ({ skip }) => {
  const { kernel } = await prepare(microSuite.baseline);
  const { kind, reason } = await findAccelerator(ctx, "auto", kernel.bzImage);
  skip(kind === "kvm", "KVM works here");
  await expect(runBench(ctx, { suite, levels: ["base"], accelerator: "kvm" })).rejects.toThrow(
    `Cannot use KVM: ${reason}`,
  );
});
