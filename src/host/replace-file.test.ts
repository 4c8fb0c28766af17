// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { replaceFile } from "./replace-file.js";

test("a new file, and one that is there", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "file");
  for (const text of ["first", "second"]) {
    await replaceFile(file, text);
    expect(await readFile(file, "utf8")).toBe(text);
  }
  expect(await readdir(directory.path)).toEqual(["file"]);
});

test("a failure leaves what was there, and nothing else", async () => {
  await using directory = await createTestDirectory();
  await mkdir(path.join(directory.path, "folder"));
  await expect(replaceFile(path.join(directory.path, "folder"), "text")).rejects.toMatchObject({
    code: "EISDIR",
  });
  expect(await readdir(directory.path)).toEqual(["folder"]);
});
