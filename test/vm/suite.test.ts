// SPDX-License-Identifier: Apache-2.0
/** Suites that others wrote: a small part of one, and a difference that is there on purpose. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { buildApp } from "../../src/app/build-app.js";
import { loadRecipe } from "../../src/app/recipes.js";
import { createContext } from "../../src/host/context.js";
import { type Log, silentLog } from "../../src/log/log.js";
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

test("what fails only in ring 0 is found, what hangs is ended, what follows still runs, and no result is got twice", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "ukl-suite-"));
  const resultFile = path.join(directory, "results");
  const said: string[] = [];
  const log: Log = { ...silentLog, step: (_title, run) => run(log), info: (text) => said.push(text) };
  const listening = createContext({ assumeYes: ctx.assumeYes, log });
  const request = { suite: planted, retries: 1, machines: 2, resultFile };
  try {
    const { ok, tests, counts } = await runSuite(listening, request);
    expect(ok).toBe(false);
    expect(tests.map(({ item, verdict, ring0 }) => [item, verdict, ring0.length])).toEqual([
      ["in ring 3", "only-in-ring-0", 2],
      ["hangs", "timed-out", 1],
      ["fails", "failed-in-both", 1],
    ]);
    expect(counts.passed).toBe(3);
    // Two boots for the items of each side, and one for what differed.
    expect(said.filter((text) => text.startsWith("Booting"))).toHaveLength(6);
    said.length = 0;
    await expect(runSuite(listening, request)).resolves.toMatchObject({ ok, tests, counts });
    expect(said).toEqual([]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

const planted: ForeignSuite = {
  name: "planted",
  summary: "Items whose ends are known",
  prepare: async (ctx) => {
    const { program } = await buildApp(ctx, await loadRecipe("hello"));
    const file = { path: "/suite/hello", mode: 0o755, data: await readFile(program) };
    return {
      version: "1",
      files: { files: [file], links: [], directories: [] },
      items: [
        { ...item("in ring 3", "./hello | grep -q 'CPL 3'"), ownFile: file.path },
        item("hangs", "sleep 1000", 1),
        item("leaves a process", "sleep 1000 &"),
        item("has no neighbours", "! pidof sleep"),
        item("has no file of another boot", "! [ -e hello ]"),
        item("fails", "exit 3"),
      ],
      leftOut: [],
      ...{ memoryMib: 256, cpus: 1, itemsPerBoot: 4 },
    };
  },
};

function item(name: string, command: string, timeoutS = 60): SuiteItem {
  return {
    ...{ name, command, timeoutS },
    parse: ({ status, timedOut }) =>
      timedOut ? [] : [{ name: "status", outcome: status === 0 ? "passed" : "failed" }],
  };
}
