// SPDX-License-Identifier: Apache-2.0
/** Suites that others wrote: a small part of one, and a difference that is there on purpose. */

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { buildApp } from "../../src/app/build-app.js";
import { loadRecipe } from "../../src/app/recipes.js";
import { createContext } from "../../src/host/context.js";
import { memcached } from "../../src/suite/memcached.js";
import { runSuite } from "../../src/suite/run-suite.js";
import type { ForeignSuite, SuiteItem } from "../../src/suite/suite.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

test("memcached's own tests pass in ring 0", async () => {
  const report = await runSuite(ctx, { suite: memcached, filter: /^t\/(cas|flags|incrdecr)\.t$/ });
  expect(report.tests).toEqual([]);
  expect(report).toMatchObject({ ok: true, version: expect.stringMatching(/^1\.6\.18/), problems: [] });
  expect(report.counts.passed).toBeGreaterThan(50);
});

test("what fails only in ring 0 is found, what hangs is ended, and what follows still runs", async () => {
  const item = (name: string, command: string, timeoutS = 60): SuiteItem => ({
    ...{ name, command, timeoutS },
    parse: ({ status }) => [{ name: "status", outcome: status === 0 ? "passed" : "failed" }],
  });
  const suite: ForeignSuite = {
    name: "planted",
    summary: "Items whose ends are known",
    prepare: async (ctx) => {
      const { program } = await buildApp(ctx, await loadRecipe("hello"));
      const file = { path: "/suite/hello", mode: 0o755, data: await readFile(program) };
      return {
        version: "1",
        files: { files: [file], links: [], directories: [] },
        items: [
          item("in ring 3", "./hello | grep -q 'CPL 3'"),
          item("hangs", "sleep 1000", 1),
          item("leaves a process", "sleep 1000 &"),
          item("has no neighbours", "! pidof sleep"),
          item("fails", "exit 3"),
        ],
        leftOut: [],
        memoryMib: 256,
        cpus: 1,
      };
    },
  };
  const { ok, tests, counts } = await runSuite(ctx, { suite, retries: 1 });
  expect(ok).toBe(false);
  expect(tests.map(({ item, verdict, ring0 }) => [item, verdict, ring0.length])).toEqual([
    ["in ring 3", "only-in-ring-0", 2],
    ["hangs", "failed-in-both", 1],
    ["fails", "failed-in-both", 1],
  ]);
  expect(counts.passed).toBe(2);
});
