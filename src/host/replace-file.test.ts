// SPDX-License-Identifier: Apache-2.0
import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDirectory, type TestDirectory } from "../../test/test-directory.js";
import { replaceFile } from "./replace-file.js";

let directory: TestDirectory;
beforeEach(async () => {
  directory = await createTestDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

const at = (name: string): string => path.join(directory.path, name);

test("a new file, and one that is there", async () => {
  for (const text of ["first", "second"]) {
    await replaceFile(at("file"), text);
    expect(await readFile(at("file"), "utf8")).toBe(text);
  }
  expect(await readdir(directory.path)).toEqual(["file"]);
});

test("what a link points to is replaced, and the link stays", async () => {
  await writeFile(at("file"), "old");
  await symlink("file", at("link"));
  await replaceFile(at("link"), "new");
  expect(await readFile(at("file"), "utf8")).toBe("new");
  expect((await lstat(at("link"))).isSymbolicLink()).toBe(true);
});

test("a device stays one", async () => {
  await replaceFile("/dev/null", "text");
  expect((await lstat("/dev/null")).isCharacterDevice()).toBe(true);
});

test("a failure leaves the old content, and nothing else", async () => {
  await writeFile(at("file"), "old");
  await mkdir(at(`file.${process.pid}.new`));
  await chmod(at("file"), 0o600);
  await expect(replaceFile(at("file"), "new")).rejects.toThrow();
  expect(await readFile(at("file"), "utf8")).toBe("old");
});
