// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { GuestTree } from "./guest-tree.js";

test("takes the links that lead to a file along, and the file once", async () => {
  await using directory = await createTestDirectory();
  const root = await realpath(directory.path);
  const at = (name: string): string => path.join(root, name);
  await mkdir(at("usr/lib"), { recursive: true });
  await writeFile(at("usr/lib/libz.so.1.2"), "z", { mode: 0o644 });
  await symlink("libz.so.1.2", at("usr/lib/libz.so.1"));
  await symlink("usr/lib", at("lib"));
  await symlink(at("lib"), at("absolute"));
  await symlink("round", at("round"));
  const tree = new GuestTree();
  for (const name of ["lib/libz.so.1", "absolute/libz.so.1", "usr/lib/../lib/libz.so.1.2"])
    expect(await tree.add(at(name))).toBe(at("usr/lib/libz.so.1.2"));
  expect(await tree.add(at("usr/lib"))).toBe(at("usr/lib"));
  expect(await tree.add(at("lib/none"))).toBeUndefined();
  expect(await tree.add(at("round"))).toBeUndefined();
  const { files, links, directories, leftOut } = await tree.load();
  expect(files.map(({ path, mode, data }) => [path, mode, String(data)])).toEqual([
    [at("usr/lib/libz.so.1.2"), 0o644, "z"],
  ]);
  expect(links).toEqual(
    expect.arrayContaining([
      { path: at("lib"), target: "usr/lib" },
      { path: at("absolute"), target: at("lib") },
      { path: at("usr/lib/libz.so.1"), target: "libz.so.1.2" },
    ]),
  );
  expect({ directories, leftOut }).toEqual({ directories: [at("usr/lib")], leftOut: [] });
  expect(tree.resolve(at("absolute/own.so"))).toBe(at("usr/lib/own.so"));
  expect(tree.resolve(at("library"))).toBe(at("library"));
});

test("a program stays one, whoever may run it", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(await realpath(directory.path), "program");
  await writeFile(file, "");
  await chmod(file, 0o4711);
  const tree = new GuestTree();
  await tree.add(file);
  expect((await tree.load()).files).toMatchObject([{ path: file, mode: 0o755 }]);
});

test("secrets of a package are left out, unless the program itself is one", async () => {
  await using directory = await createTestDirectory();
  const [key, program] = ["key", "program"].map((name) => path.join(directory.path, name)) as [
    string,
    string,
  ];
  for (const file of [key, program]) await writeFile(file, "", { mode: 0o640 });
  const tree = new GuestTree();
  await tree.add(await realpath(program));
  for (const file of [key, program]) await tree.addPublic(file);
  const { files, leftOut } = await tree.load();
  expect(files.map(({ path }) => path)).toEqual([await realpath(program)]);
  expect(leftOut).toEqual([await realpath(key)]);
});

test("a link to itself leads nowhere", async () => {
  await using directory = await createTestDirectory();
  const round = path.join(await realpath(directory.path), "round");
  await symlink("round", round);
  const tree = new GuestTree();
  expect(await tree.add(path.join(round, "file"))).toBeUndefined();
  expect(tree.resolve(path.join(round, "file"))).toBe(path.join(round, "file"));
});
