// SPDX-License-Identifier: Apache-2.0
import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "../host/context.js";
import { describeRecipe } from "./recipe-report.js";
import { findTestRecord, saveTestRecord } from "./test-record.js";

test("a recipe that is not in the cache is described, not built", async () => {
  await using directory = await createTestDirectory();
  const report = await describeRecipe(createContext({ cacheDir: directory.path }), "memcached");
  expect(report).toMatchObject({
    ...{ name: "memcached", version: "1.6.18", license: "BSD-3-Clause", level: "base", ports: [11211] },
    ...{ state: "absent", sizeBytes: undefined, testedAt: undefined },
  });
  expect(await readdir(directory.path)).toEqual([]);
});

test("the last result is found for what was tested, and for nothing else", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  const [key, other] = ["a".repeat(64), "b".repeat(64)];
  const failed = { testedAt: "2026-01-01T00:00:00.000Z", durationMs: 1, reason: "it answered nothing" };
  await saveTestRecord(ctx, "redis", key, failed);
  expect(await findTestRecord(ctx, "redis", key)).toEqual(failed);
  const passed = { testedAt: "2026-01-01T00:01:00.000Z", durationMs: 2 };
  await saveTestRecord(ctx, "redis", key, passed);
  expect(await findTestRecord(ctx, "redis", key)).toEqual(passed);
  expect(await findTestRecord(ctx, "redis", other)).toBeUndefined();
});
