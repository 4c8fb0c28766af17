// SPDX-License-Identifier: Apache-2.0
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BootRecord, openResultFile } from "./result-file.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "ukl-results-"));
});
afterAll(() => rm(directory, { recursive: true }));

const boot = (key: string, round = 0): BootRecord => ({
  round,
  items: [
    { key, name: "t/cas.t", level: "base", durationMs: 5, tests: [{ name: "1", outcome: "timed-out" }] },
  ],
  problems: ["WARNING: at x"],
});

test("what was added is found again, by its key and round, even after a line that was cut off", async () => {
  const file = path.join(directory, "results");
  await (await openResultFile(file)).add(boot("a"));
  await appendFile(file, JSON.stringify(boot("b")).slice(0, -9));
  await (await openResultFile(file)).add(boot("c"));
  const results = await openResultFile(file);
  expect(results.find("a", 0)).toEqual({ item: boot("a").items[0], boot: boot("a") });
  expect(results.find("c", 0)?.boot).toEqual(boot("c"));
  expect(results.find("b", 0)).toBeUndefined();
  expect(results.find("a", 1)).toBeUndefined();
});

test("without a file, results are there as long as the run", async () => {
  const results = await openResultFile(undefined);
  await results.add(boot("a", 1));
  expect(results.find("a", 1)?.item.key).toBe("a");
});

test("a file that has something else is not written to", async () => {
  const file = path.join(directory, "notes");
  await writeFile(file, "not ours\n");
  await expect(openResultFile(file)).rejects.toMatchObject({
    code: "USAGE_INVALID",
    message: `Cannot go on from "${file}": it has no results`,
  });
});
