// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { listSource } from "./list-source.js";

test("lists what a person wrote, not what tools and builds in place have left", async () => {
  await using directory = await createTestDirectory();
  const at = (name: string): string => path.join(directory.path, name);
  for (const name of [".git", "sub/.git", "sub/deep", "data", ".ukl", "node_modules"])
    await mkdir(at(name), { recursive: true });
  for (const name of [
    ...[
      ".git/HEAD",
      "node_modules/ukl",
      "sub/.git/HEAD",
      ".ukl/state",
      "data/dump",
      "config.status",
      "sub/CMakeCache.txt",
    ],
    ...["kv.c", "sub/deep/a.h", "sub/data", "kv.bzimage", "configure"],
  ])
    await writeFile(at(name), name);
  await writeFile(at("kv.c"), "int main(void) { return 0; }\n");
  await chmod(at("configure"), 0o755);
  await symlink("kv.c", at("link.c"));
  execFileSync("gcc", ["-c", "kv.c"], { cwd: directory.path });
  execFileSync("gcc", ["-o", "kv", "kv.o"], { cwd: directory.path });
  execFileSync("ar", ["cr", "libkv.a", "kv.o"], { cwd: directory.path });

  const files = await listSource(directory.path, ["data", "./kv.bzimage"]);
  expect(files.map(({ name, content }) => `${name}: ${content.split(" ")[0]}`)).toEqual([
    "configure: program",
    "kv.c: file",
    // Somebody else's archive may be all that there is of it.
    "libkv.a: file",
    "link.c: link",
    "sub/data: file",
    "sub/deep/a.h: file",
  ]);
});

test("a change of content, kind or mode is a change", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "a");
  const seen = new Set<string>();
  const look = async (): Promise<number> => {
    for (const { content } of await listSource(directory.path, [])) seen.add(content);
    return seen.size;
  };
  await writeFile(file, "one");
  expect(await look()).toBe(1);
  await writeFile(file, "two");
  expect(await look()).toBe(2);
  await chmod(file, 0o755);
  expect(await look()).toBe(3);
});
