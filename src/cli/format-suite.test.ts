// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { compareItem, type ItemResults, verdicts } from "../suite/compare-results.js";
import { wholeItem } from "../suite/suite.js";
import { formatSuites } from "./format-suite.js";

test("what ran out of time is one line a file, and long answers are cut off", () => {
  const timedOut = { name: wholeItem, outcome: "timed-out" } as const;
  const process: ItemResults = [
    { name: "1", outcome: "passed" },
    { name: "2", outcome: "passed" },
    { name: "3", outcome: "passed" },
    timedOut,
  ];
  const ring0: ItemResults = [{ name: "1", outcome: "failed", detail: "x".repeat(1_000) }, timedOut];
  const tests = compareItem("t/getset.t", [process], [ring0]);
  const count = (wanted: string): number => tests.filter(({ verdict }) => verdict === wanted).length;
  const report = {
    ...{ suite: "memcached", version: "1.6", level: "base", ok: false, leftOut: [], durationMs: 61_000 },
    counts: Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])),
    ...{ tests, problems: ["WARNING: at x"] },
  };
  expect(formatSuites([report as unknown as Parameters<typeof formatSuites>[0][number]])).toBe(
    [
      "SUITE      VERSION  LEVEL  PASSED  FAILED ONLY IN RING 0  FAILED ONLY AS A PROCESS  UNSTABLE  FAILED IN BOTH  TIMED OUT  SKIPPED  TIME",
      "memcached  1.6      base   0       1                      0                         0         0               3          0        1 min 01 s",
      "",
      "memcached: failed only in ring 0",
      "  t/getset.t: 1 (failed 1 of 1 in ring 0, 0 of 1 as a process)",
      `    ${"x".repeat(300)}…`,
      "",
      "memcached: timed out",
      "  t/getset.t: of what one side got to, 2 tests have nothing to be compared with",
      "",
      "memcached: said by the kernel",
      "  WARNING: at x",
    ].join("\n"),
  );
});
