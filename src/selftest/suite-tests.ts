// SPDX-License-Identifier: Apache-2.0
/** The suite's tests, as its source has them. */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { findNearest } from "../errors/find-nearest.js";
import { UklError } from "../errors/ukl-error.js";
import { packagePath } from "../host/package-path.js";

/** Where the suite's source is: it is part of the kernel's overlay. */
export const suiteSource = packagePath("kernel", "overlay", "tools", "testing", "selftests", "ukl");

/** Enough to see that system calls, faults, signals, fork and threads work at an address. */
export const kaslrTests: readonly string[] = [
  "cpl_is_that_of_the_level",
  "results_and_errors",
  "the_call_entries_preserve_registers",
  "null_dereference",
  "signals_in_system_calls",
  "pushes_onto_copy_on_write_pages",
  "threads_have_their_own_state",
];

/** The names of all tests: `TEST(name)` in a C file. */
export async function listSuiteTests(): Promise<string[]> {
  const files = (await readdir(suiteSource)).filter((name) => name.endsWith(".c")).sort();
  const sources = await Promise.all(files.map((file) => readFile(path.join(suiteSource, file), "utf8")));
  return sources.flatMap((text) => [...text.matchAll(/^TEST\((\w+)\)/gm)].map(([, name = ""]) => name));
}

/**
 * The tests that patterns name; `*` in a pattern stands for any letters. All of them when there is no pattern.
 *
 * @throws UklError USAGE_INVALID when a pattern names none
 */
export function selectTests(tests: readonly string[], patterns: readonly string[]): readonly string[] {
  if (patterns.length === 0) return tests;
  const expressions = patterns.map((pattern) => {
    const expression = toExpression(pattern);
    if (!tests.some((name) => expression.test(name))) throw unknownTest(pattern, tests);
    return expression;
  });
  return tests.filter((name) => expressions.some((expression) => expression.test(name)));
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[^\w]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

function unknownTest(pattern: string, tests: readonly string[]): UklError {
  const nearest = findNearest(pattern, tests) ?? tests.find((name) => name.includes(pattern));
  return new UklError("USAGE_INVALID", `Cannot run the test "${pattern}": there is none of that name`, {
    hint:
      nearest === undefined ? `Part of a name will do: --filter '*signal*'` : `Did you mean "${nearest}"?`,
  });
}
