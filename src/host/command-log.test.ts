// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { openCommandLog } from "./command-log.js";

test("appends, in order, and makes the directory", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "logs", "a.log");
  for (const round of ["one", "two"]) {
    const log = await openCommandLog(file);
    for (let index = 0; index < 3; index++) log.write(`${round} ${index}\n`);
    await log.close();
  }
  await expect(readFile(file, "utf8")).resolves.toBe("one 0\none 1\none 2\ntwo 0\ntwo 1\ntwo 2\n");
});

test("without a file, forgets", async () => {
  const log = await openCommandLog(undefined);
  log.write("x");
  await expect(log.close()).resolves.toBeUndefined();
});

test("a write that failed is told at the end, and only there", async () => {
  const log = await openCommandLog("/dev/full");
  for (let index = 0; index < 100; index++) log.write("x".repeat(1_000));
  await expect(log.close()).rejects.toMatchObject({ code: "ENOSPC" });
});

test("a place that is no directory is told at once", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "file");
  await writeFile(file, "");
  await expect(openCommandLog(path.join(file, "a.log"))).rejects.toMatchObject({ code: "EEXIST" });
});
