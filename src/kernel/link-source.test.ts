// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { linkSource } from "./link-source.js";

test("a directory has what the source has, beside what is its own, also when it is done again", async () => {
  await using directory = await createTestDirectory();
  const source = path.join(directory.path, "source");
  const place = path.join(directory.path, "place");
  await mkdir(path.join(source, "kernel"), { recursive: true });
  await writeFile(path.join(source, "Makefile"), "all:\n");
  await mkdir(path.join(place, "build"), { recursive: true });
  await linkSource(source, place);
  await linkSource(source, place);
  expect((await readdir(place)).sort()).toEqual(["Makefile", "build", "kernel"]);
  await expect(readFile(path.join(place, "Makefile"), "utf8")).resolves.toBe("all:\n");
  // What make takes for the source tree is the directory itself.
  await expect(realpath(place)).resolves.toBe(await realpath(path.dirname(path.join(place, "Makefile"))));
});
