// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { SelftestResult } from "../selftest/run-selftest.js";
import { formatSelftest } from "./format-selftest.js";

const good: SelftestResult = {
  ...{ series: "6.12", config: "default", cpuModel: "max", cpus: 2, level: "base", boot: "plain" },
  ...{ ok: true, kernelVersion: "6.12.117", kernelBase: "ffffffff81000000" },
  ...{
    passed: 53,
    failed: 0,
    skipped: 1,
    tests: [],
    stderr: "",
    problems: [],
    findings: [],
    nmis: undefined,
    machineChecks: undefined,
  },
  ...{ exit: { kind: "exit", status: 0 }, kernelLog: undefined, durationMs: 14_000 },
};
const random: SelftestResult = { ...good, boot: "kaslr", kernelBase: "ffffffff9a000000", nmis: 812 };
const bad: SelftestResult = {
  ...good,
  ...{ ok: false, config: "debug", level: "linux", cpus: 1, passed: 52, failed: 1 },
  tests: [
    { name: "first", outcome: "passed", diagnostics: ["# not worth a word"] },
    { name: "second", outcome: "failed", diagnostics: ["# faults.c:7: fault_signal == (11)"] },
  ],
  stderr: "*** stack smashing detected ***: terminated\n",
  problems: [{ kind: "locking", summary: "WARNING: x", lines: ["[ 1.0] WARNING: x", "[ 1.0] Call Trace:"] }],
  exit: { kind: "exit", status: 1 },
};
const hung: SelftestResult = {
  ...good,
  ok: false,
  findings: ["The guest hung: it said nothing for 180 s before the first result"],
  exit: { kind: "timeout", timeoutMs: 180_000 },
  kernelLog: "/project/.ukl/machines/selftest-1-3/kernel.log",
};

test("a row for each boot, aligned, and how many passed", () => {
  expect(formatSelftest({ ok: true, results: [good, random], findings: [] })).toBe(
    `SERIES  CONFIG   CPU  CPUS  LEVEL  BOOT                     PASSED  FAILED  SKIPPED  PROBLEMS  TIME  RESULT
6.12    default  max  2     base   -                        53      0       1        0         14 s  ok
6.12    default  max  2     base   kaslr 9a000000 812 NMIs  53      0       1        0         14 s  ok

2 boots passed, 0 failed`,
  );
});

test("after the rows, what failed: tests with what they said, the kernel's words, hangs, findings", () => {
  const findings = ["The kernel's address was not random: 2 boots had it at ffffffff81000000"];
  const text = formatSelftest({ ok: false, results: [good, bad, hung], findings });
  const [, ...blocks] = text.split("\n\n");
  expect(blocks).toEqual([
    `6.12 debug at level linux, 1 CPU max:
  not ok second
    # faults.c:7: fault_signal == (11)
  The tests said:
    *** stack smashing detected ***: terminated
  The kernel said:
    [ 1.0] WARNING: x
    [ 1.0] Call Trace:`,
    `6.12 at level base, 2 CPUs max:
  The guest hung: it said nothing for 180 s before the first result
  The kernel's log: /project/.ukl/machines/selftest-1-3/kernel.log`,
    findings[0],
    "1 boot passed, 2 failed",
  ]);
  expect(text).toMatch(/failed\n.* hung\n/);
});
