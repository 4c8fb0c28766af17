// SPDX-License-Identifier: Apache-2.0
/** What the suites print, as they printed it. */

import { expect, test } from "vitest";
import { parseStatus } from "./glibc.js";
import { parseNumberedTap } from "./parse-numbered-tap.js";
import { parseResults, parseUnits } from "./redis.js";
import { parseSqliteResults } from "./sqlite.js";

const ended = { timedOut: false };

test("Perl's TAP: what follows a failed test belongs to it, and a file may be skipped as a whole", () => {
  const output = `1..4
ok 1 - stored foo
not ok 2 - foo == 'fooval'
#   Failed test 'foo == 'fooval''
#   at t/getset.t line 12.
ok 3 # skip no UDP
ok 4
`;
  expect(parseNumberedTap({ ...ended, status: 1, output })).toEqual([
    { name: "1", outcome: "passed" },
    {
      name: "2",
      outcome: "failed",
      detail: "foo == 'fooval'\n#   Failed test 'foo == 'fooval''\n#   at t/getset.t line 12.",
    },
    { name: "3", outcome: "skipped", detail: "# skip no UDP" },
    { name: "4", outcome: "passed" },
  ]);
  expect(parseNumberedTap({ ...ended, status: 0, output: "1..0 # SKIP extstore not enabled\n" })).toEqual([
    { name: "all", outcome: "skipped", detail: "extstore not enabled" },
  ]);
});

test("Redis' runtest: in colours, with times, and with names that come again", () => {
  const output = `Testing unit/quit
\x1b[0;32m[ok]\x1b[0m: QUIT returns OK (12 ms)
[\x1b[0;32mok\x1b[0m]: QUIT returns OK (3 ms)
[ok]: PSYNC2: Set #3 to replicate from #4 (5 ms)
[err]: PSYNC2: Set #1 to replicate from #0
[ok]: PSYNC2: Set #2 to replicate from #1 (5 ms)
[\x1b[0;31merr\x1b[0m]: Pipelined commands in tests/unit/quit.tcl
Expected 'a' to be equal to 'b'
[\x1b[0;36mignore\x1b[0m]: Large values: large memory flag not provided
[\x1b[0;31mexception\x1b[0m]: Executing test client: Can't start the Redis server.
`;
  expect(parseResults({ ...ended, status: 1, output })).toEqual([
    { name: "QUIT returns OK", outcome: "passed" },
    {
      name: "PSYNC2: Set #N to replicate from #N",
      outcome: "failed",
      detail: "PSYNC2: Set #1 to replicate from #0",
    },
    {
      name: "Pipelined commands",
      outcome: "failed",
      detail: "Pipelined commands in tests/unit/quit.tcl\nExpected 'a' to be equal to 'b'",
    },
    {
      name: "Large values: large memory flag not provided",
      outcome: "skipped",
      detail: "Large values: large memory flag not provided",
    },
    {
      name: "Executing test client: Can't start the Redis server.",
      outcome: "failed",
      detail: "Executing test client: Can't start the Redis server.",
    },
  ]);
});

test("the units that Redis lists", () => {
  expect(parseUnits("set ::x 1\nset ::all_tests {\n    unit/printver\n    unit/dump\n}\nset y {}\n")).toEqual(
    ["unit/printver", "unit/dump"],
  );
});

test("SQLite's testfixture: a test has failed when the next lines say what was expected", () => {
  const output = `select1-1.1... Ok
select1-1.2...
! select1-1.2 expected: [1 {table test1 already exists}]
! select1-1.2 got:      [0 {}]
select1-2.1... Omitted
1 errors out of 3 tests
`;
  expect(parseSqliteResults({ ...ended, status: 1, output })).toEqual([
    { name: "select1-1.1", outcome: "passed" },
    {
      name: "select1-1.2",
      outcome: "failed",
      detail: "! select1-1.2 expected: [1 {table test1 already exists}]\n! select1-1.2 got:      [0 {}]",
    },
    { name: "select1-2.1", outcome: "skipped" },
  ]);
});

test("SQLite's tests of threads write dots before a test's name, as many as they waited", () => {
  expect(parseSqliteResults({ ...ended, status: 0, output: "...........thread002.2.0... Ok\n" })).toEqual([
    { name: "thread002.2.0", outcome: "passed" },
  ]);
});

test("glibc's tests say it by their status", () => {
  expect(parseStatus({ ...ended, status: 0, output: "" })).toEqual([
    { name: "exit status", outcome: "passed" },
  ]);
  expect(parseStatus({ ...ended, status: 77, output: "no time namespace" })).toMatchObject([
    { outcome: "skipped" },
  ]);
  expect(parseStatus({ ...ended, status: 1, output: "a\nerror: b\n" })).toEqual([
    { name: "exit status", outcome: "failed", detail: "status 1\na\nerror: b" },
  ]);
});
