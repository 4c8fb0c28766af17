// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { hashFile, hashJson, hashTree, listTree } from "./hash.js";

test("hashes a file as sha256sum does", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "file");
  await writeFile(file, "abc");
  await expect(hashFile(file)).resolves.toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("the order of keys does not matter, the order of items does", () => {
  expect(hashJson({ a: 1, b: [1, 2] })).toBe(hashJson({ b: [1, 2], a: 1 }));
  expect(hashJson({ a: 1, b: [1, 2] })).not.toBe(hashJson({ a: 1, b: [2, 1] }));
});

test("a tree is its names, contents, links and execute bits, but not its times", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "sub", "file");
  await mkdir(path.dirname(file));
  await writeFile(file, "one");
  const first = await hashTree(directory.path);
  await utimes(file, 1, 1);
  expect(await hashTree(directory.path)).toBe(first);

  const seen = new Set([first]);
  const expectNew = async (): Promise<void> => {
    const hash = await hashTree(directory.path);
    expect(seen).not.toContain(hash);
    seen.add(hash);
  };
  await chmod(file, 0o755);
  await expectNew();
  await writeFile(file, "two");
  await expectNew();
  await symlink("file", path.join(directory.path, "sub", "link"));
  await expectNew();
  expect(await listTree(directory.path)).toEqual(["sub/file", "sub/link"]);
});

test("skips names at the top only, and takes a missing directory for an empty one", async () => {
  await using directory = await createTestDirectory();
  const empty = await hashTree(path.join(directory.path, "missing"));
  await mkdir(path.join(directory.path, ".git"));
  await writeFile(path.join(directory.path, ".git", "HEAD"), "ref");
  expect(await hashTree(directory.path, { skip: [".git"] })).toBe(empty);
  await mkdir(path.join(directory.path, "sub", ".git"), { recursive: true });
  await writeFile(path.join(directory.path, "sub", ".git", "HEAD"), "ref");
  expect(await hashTree(directory.path, { skip: [".git"] })).not.toBe(empty);
});
