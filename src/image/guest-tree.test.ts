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
  const { files, links, directories, unreadable } = await tree.load();
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
  expect({ directories, unreadable }).toEqual({ directories: [at("usr/lib")], unreadable: [] });
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
