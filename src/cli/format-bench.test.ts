// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { BaselineComparison } from "../bench/baseline.js";
import type { BenchReport } from "../bench/report.js";
import { formatBaseline } from "./format-baseline.js";
import { formatBench } from "./format-bench.js";

const same = (value: number) => ({ median: value, min: value, max: value });

const report: BenchReport = {
  ...{ suite: "micro", evidence: "exact", ok: true, unit: "instructions per operation", durationMs: 61_000 },
  controls: [{ name: "A/A", passed: true, detail: "all ratios are 1" }],
  variants: [],
  rows: [
    {
      ...{ operation: "null_call", title: "null call", evidence: "exact", baseline: same(154.02) },
      cells: [
        { variant: "compat", count: same(154), ratio: same(1.0001), threshold: 0.003, claim: "same" },
        {
          variant: "base",
          count: { median: 1580, min: 1570, max: 1600 },
          ratio: { median: 1.026, min: 1.02, max: 1.03 },
          ...{ threshold: 0.02, claim: "more" },
        },
      ],
    },
  ],
  configured: {
    baseline: "linux, tuned",
    rows: [
      {
        ...{ operation: "null_call", title: "null call", evidence: "exact", baseline: same(120) },
        cells: [
          { variant: "base, tuned", count: same(114), ratio: same(0.95), threshold: 0.003, claim: "fewer" },
        ],
      },
    ],
  },
  quantities: [
    {
      ...{ title: "image", unit: "bytes" },
      values: [
        { variant: "linux", value: 2000000 },
        { variant: "base", value: 2100000 },
        { variant: "base, minimal", value: null },
      ],
    },
  ],
  conclusion: ["It is more."],
  environment: {
    ...{ qemu: "QEMU 7.2.22", qemuHash: "", machine: "pc", cpuModel: "max", seeds: [1, 2] },
    variants: [
      {
        ...{ name: "debian", kernelHash: "", configHash: "", kernelConfig: [], kernelArguments: [] },
        ...{ programHash: "", packages: ["linux-image 6.12", "redis 7.0"] },
      },
    ],
    ...{ kernelVersion: "6.12.117", kernelCompiler: "", programCompiler: "" },
  },
};

describe("formatBench", () => {
  test("prints counts, what may be claimed, and ranges where there are any", () => {
    const lines = formatBench(report).split("\n");
    expect(lines.find((line) => line.startsWith("OPERATION"))).toMatch(/LINUX +COMPAT +BASE$/);
    expect(lines.find((line) => line.startsWith("null call"))).toMatch(
      /^null call +154 +154 = +1580 \+2\.6 % \[\+2\.0, \+3\.0\]$/,
    );
    expect(lines).toContain("It is more.");
    expect(lines).toContain("passed  A/A: all ratios are 1");
    expect(lines).toContain("debian: linux-image 6.12, redis 7.0");
  });

  test("prints what the levels are worth where stock Linux has the same options", () => {
    const lines = formatBench(report).split("\n");
    expect(lines.find((line) => line.startsWith("OPERATION") && line.includes("TUNED"))).toMatch(
      /LINUX, TUNED +BASE, TUNED$/,
    );
    expect(lines).toContainEqual(expect.stringMatching(/^null call +120 +114 −5\.0 %$/));
  });

  test("prints sizes and memory with their units, beside the baseline's", () => {
    expect(formatBench(report)).toMatch(/^image, bytes +2000000 +2100000 \+5\.0 % +none$/m);
  });

  test("prints no figure when a control failed", () => {
    const controls = [{ name: "A/A", passed: false, detail: "it differs" }];
    const text = formatBench({ ...report, ok: false, controls, rows: [], quantities: [], conclusion: [] });
    expect(text).toContain("FAILED  A/A: it differs");
    expect(text).toContain("A control failed: there are no figures");
    expect(text).not.toMatch(/154|1580|2000000|It is more/);
  });
});

test("formatBench prints times with what they were measured on, and latencies", () => {
  const [row] = report.rows;
  if (row === undefined) throw new Error("there is no row");
  const text = formatBench({
    ...report,
    ...{ evidence: "kvm", unit: "nanoseconds per request", configured: undefined },
    latency: { rows: [{ ...row, title: "GET, 25,000/s: p99" }], requests: [] },
    environment: {
      ...report.environment,
      ...{ cpuModel: "host", host: { accelerator: "kvm", processor: "Some CPU", processors: 8 } },
    },
  });
  expect(text).toContain("micro: nanoseconds per request (evidence: kvm)");
  expect(text).toContain("-M pc -cpu host -accel kvm, 2 rounds on Some CPU (8 CPUs)");
  expect(text).toContain("latency: nanoseconds (evidence: kvm)");
  expect(text).toMatch(/^GET, 25,000\/s: p99 +154 +154 = +1580 \+2\.6 %/m);
  expect(text).not.toContain("seed");
});

describe("formatBaseline", () => {
  const none: BaselineComparison = {
    ...{ obstacles: [], worse: [], better: [], unmatched: [], configChanged: false, compared: 87 },
  };

  test("says that nothing is worse", () => {
    expect(formatBaseline(none)).toBe("87 counts compared: 0 worse, 0 better");
  });

  test("says what is worse, by how much, and what to do when that is meant", () => {
    const change = { what: "null_call at base (micro)", was: 158.02, is: 166.02, tolerance: 0.005 };
    expect(formatBaseline({ ...none, worse: [change], configChanged: true }).split("\n")).toEqual([
      "worse   null_call at base (micro): 158.0 → 166.0 (+5.1 %; allowed: 0.5 %)",
      "The kernel's configuration is another one than when they were recorded",
      "87 counts compared: 1 worse, 0 better",
      'If that is meant: ukl bench baseline --reason "…"',
    ]);
  });

  test("says why nothing can be compared, instead of calling it worse", () => {
    const text = formatBaseline({
      ...none,
      obstacles: ['Linux is "6.12.118", and was "6.12.117"'],
      compared: 0,
    });
    expect(text).toBe(
      'Not comparable: the recorded counts were made with something else\n  Linux is "6.12.118", and was "6.12.117"',
    );
  });
});
