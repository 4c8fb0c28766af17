// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { findKernelProblems } from "../vm/kernel-log.js";
import { determineExit, type MachineEvidence } from "../vm/machine-exit.js";
import type { SuiteOutcome } from "./boot-suite.js";
import { checkAddresses, checkOutcome } from "./check-outcome.js";
import { parseTap } from "./parse-tap.js";
import type { SelftestRun } from "./plan-runs.js";

const run: SelftestRun = {
  series: "6.12",
  config: "default",
  cpuModel: "max",
  cpus: 2,
  level: "base",
  boot: "plain",
};
const tests = ["first", "second"];
const good = "TAP version 13\n# CPL 0\nok 1 first\nok 2 second\n1..2\n# 2 passed, 0 failed, 0 skipped\n";
const ended = (status: number): SuiteOutcome["exit"] => ({ kind: "exit", status });

function outcome(stdout: string, exit: SuiteOutcome["exit"], nmis?: number): SuiteOutcome {
  const rest = { stderr: "", problems: [], kernelLog: "", durationMs: 1 };
  return { tap: parseTap(stdout), exit, nmis, machineChecks: undefined, ...rest };
}

function lost(evidence: Partial<MachineEvidence>): SuiteOutcome["exit"] {
  const status = { started: true, listening: [], error: undefined, end: undefined };
  return determineExit({ status, problems: [], ended: false, qemuMessage: "", ...evidence });
}

describe("checkOutcome", () => {
  test("finds nothing in a good run, nor in one that only has a failed test", () => {
    expect(checkOutcome(outcome(good, ended(0)), { run, tests })).toEqual([]);
    expect(checkOutcome(outcome(good, ended(0), 7), { run, tests })).toEqual([]);
    const failed = good.replace("ok 1 first", "not ok 1 first");
    expect(checkOutcome(outcome(failed, ended(1)), { run, tests })).toEqual([]);
  });

  test.each([
    ["a status that the results do not explain", good, ended(1), "The suite ended with status 1"],
    ["a failure that the status hides", good.replace("ok 2", "not ok 2"), ended(0), "ended with status 0"],
    ["the wrong ring", good.replace("CPL 0", "CPL 3"), ended(0), "The suite ran at CPL 3 instead of 0"],
    [
      "a hang",
      good.slice(0, good.indexOf("ok 2")),
      { kind: "timeout", timeoutMs: 180_000 } as const,
      "The guest hung: it said nothing for 180 s after the result of first",
    ],
    ["a hang at boot", "", { kind: "timeout", timeoutMs: 9_000 } as const, "for 9 s before the first result"],
    [
      "a QEMU that was killed",
      good.slice(0, good.indexOf("ok 2")),
      lost({ qemuSignal: "SIGKILL" }),
      "QEMU was killed by SIGKILL (after the result of first)\n1 of 2 tests have no result",
    ],
    [
      "a panic",
      "",
      lost({ problems: findKernelProblems("[    1.5] Kernel panic - not syncing: Fatal exception") }),
      "The kernel failed: Kernel panic - not syncing: Fatal exception",
    ],
    [
      "a test without a result",
      good.replace("ok 2 second\n1..2", "1..1"),
      ended(0),
      "1 of 2 tests have no result: second",
    ],
    [
      "a result without a test",
      good.replace("1..2", "ok 3 third\n1..3"),
      ended(0),
      "Results of tests that were not to run: third",
    ],
    ["a wrong plan", good.replace("1..2", "1..3"), ended(0), "speaks of 3 tests, and 2 have a result"],
    ["no plan", good.slice(0, good.indexOf("1..2")), ended(0), "The suite ended before its plan"],
  ])("finds %s", (_name, stdout, exit, text) => {
    expect(checkOutcome(outcome(stdout, exit), { run, tests }).join("\n")).toContain(text);
  });

  test("finds an address that is not known, and a storm that did not come", () => {
    const kaslr = { run: { ...run, boot: "kaslr" } as const, tests };
    expect(checkOutcome(outcome(good, ended(0)), kaslr)).toEqual(["The kernel's address is not known"]);
    const known = good.replace("# CPL 0", "# CPL 0\n# kernel ffffffff9a000000");
    expect(checkOutcome(outcome(known, ended(0)), kaslr)).toEqual([]);
    expect(checkOutcome(outcome(good, ended(0), 0), { run, tests })).toEqual([
      "No non-maskable interrupt was sent",
    ]);
  });

  test("an ordinary process is one in ring 3", () => {
    const ring3 = good.replace("CPL 0", "CPL 3");
    for (const level of ["linux", "off"] as const)
      expect(checkOutcome(outcome(ring3, ended(0)), { run: { ...run, level }, tests })).toEqual([]);
  });
});

test.each([
  [[], []],
  [["ffffffff9a000000"], []],
  [["ffffffff9a000000", "ffffffff8c000000"], []],
  [["ffffffff9a000000", undefined], []],
  [
    ["ffffffff81000000", "ffffffff81000000"],
    ["The kernel's address was not random: 2 boots had it at ffffffff81000000"],
  ],
])("addresses %j", (bases, findings) => {
  expect(checkAddresses(bases)).toEqual(findings);
});
