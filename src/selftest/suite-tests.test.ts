// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { kaslrTests, listSuiteTests, selectTests } from "./suite-tests.js";

const tests = ["read_restarts", "read_is_interrupted", "null_dereference"];

test("the suite's tests are found in its source, each once", async () => {
  const names = await listSuiteTests();
  expect(names).toContain("cpl_is_that_of_the_level");
  expect(names.length).toBeGreaterThan(50);
  expect(new Set(names).size).toBe(names.length);
});

test("the tests for random addresses are some of them", async () => {
  expect(await listSuiteTests()).toEqual(expect.arrayContaining([...kaslrTests]));
});

test.each([
  [[], tests],
  [["null_dereference"], ["null_dereference"]],
  [["read_*"], ["read_restarts", "read_is_interrupted"]],
  [
    ["*null*", "read_restarts"],
    ["read_restarts", "null_dereference"],
  ],
])("%j selects %j", (patterns, selected) => {
  expect(selectTests(tests, patterns)).toEqual(selected);
});

test.each([
  ["null_derefernce", 'Did you mean "null_dereference"?'],
  ["null", 'Did you mean "null_dereference"?'],
  ["x*", "--filter '*signal*'"],
  ["read.restarts", 'Did you mean "read_restarts"?'],
])("%j is no test", (pattern, hint) => {
  expect(() => selectTests(tests, [pattern])).toThrow(
    expect.objectContaining({ code: "USAGE_INVALID", hint: expect.stringContaining(hint) }),
  );
});
