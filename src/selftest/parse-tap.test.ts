// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { isTapResult, parseTap } from "./parse-tap.js";

const complete = `TAP version 13
# CPL 0
# kernel ffffffff9a000000
ok 1 cpl_is_that_of_the_level
# skipped: CR4 can be read at CPL 0 only
ok 2 smep_and_smap_are_on # SKIP
# signals.c:60: ticks > 0 (errno 4, Interrupted system call)
not ok 3 signals_while_computing
a line of the test's own
# killed by Segmentation fault
not ok 4 null_dereference
1..4
# 1 passed, 2 failed, 1 skipped
`;

test("results come with what was said before them", () => {
  expect(parseTap(complete)).toEqual({
    cpl: 0,
    kernelBase: "ffffffff9a000000",
    tests: [
      { name: "cpl_is_that_of_the_level", outcome: "passed", diagnostics: [] },
      {
        name: "smep_and_smap_are_on",
        outcome: "skipped",
        diagnostics: ["# skipped: CR4 can be read at CPL 0 only"],
      },
      {
        name: "signals_while_computing",
        outcome: "failed",
        diagnostics: ["# signals.c:60: ticks > 0 (errno 4, Interrupted system call)"],
      },
      {
        name: "null_dereference",
        outcome: "failed",
        diagnostics: ["a line of the test's own", "# killed by Segmentation fault"],
      },
    ],
    planned: 4,
    rest: [],
  });
});

test("output that was cut off has no plan, and half a line is no result", () => {
  const { tests, planned, rest } = parseTap(complete.slice(0, complete.indexOf("# killed") + 5));
  expect(planned).toBeUndefined();
  expect(tests.map(({ name }) => name)).toEqual([
    "cpl_is_that_of_the_level",
    "smep_and_smap_are_on",
    "signals_while_computing",
  ]);
  expect(rest).toEqual(["a line of the test's own"]);
});

test("what an instance prints that a test started belongs to that test", () => {
  const nested = `TAP version 13
# CPL 0
    TAP version 13
    # CPL 3
    not ok 1 inner
    1..1
ok 1 outer
1..1
`;
  const { cpl, tests, planned } = parseTap(nested);
  expect({ cpl, planned }).toEqual({ cpl: 0, planned: 1 });
  expect(tests).toEqual([
    {
      name: "outer",
      outcome: "passed",
      diagnostics: ["    TAP version 13", "    # CPL 3", "    not ok 1 inner", "    1..1"],
    },
  ]);
});

test("no output is no result", () => {
  expect(parseTap("")).toEqual({
    cpl: undefined,
    kernelBase: undefined,
    tests: [],
    planned: undefined,
    rest: [],
  });
});

test.each([
  ["ok 1 a_test", true],
  ["not ok 12 a_test", true],
  ["ok 2 a_test # SKIP", true],
  ["# ok 1 a_test", false],
  ["1..2", false],
])("%j: a result is %s", (line, expected) => {
  expect(isTapResult(line)).toBe(expected);
});
