// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { moveTree } from "./move-tree.js";

test("rewrites the commands that the build of tools/ recorded, and nothing else", async () => {
  await using directory = await createTestDirectory();
  const tree = directory.path;
  const objtool = path.join(tree, "tools", "objtool");
  await mkdir(path.join(objtool, "libsubcmd"), { recursive: true });
  const texts = {
    "tools/objtool/.check.o.cmd": "cmd := gcc -I/old/tree/tools -c /old/tree/a.c\n",
    "tools/objtool/libsubcmd/.run.o.cmd": "cmd := gcc /usr/include/stdio.h\n",
    "tools/objtool/check.d": "/old/tree/a.c\n",
    ".vmlinux.cmd": "cmd := ld /old/tree/vmlinux.o\n",
  };
  for (const [name, text] of Object.entries(texts)) {
    await writeFile(path.join(tree, name), text);
    await utimes(path.join(tree, name), 1, 1);
  }
  await symlink("/old/tree/missing", path.join(objtool, "link.cmd"));

  await moveTree(tree, "/old/tree", "/new/tree");

  const read = (name: string): Promise<string> => readFile(path.join(tree, name), "utf8");
  await expect(read("tools/objtool/libsubcmd/.run.o.cmd")).resolves.toBe(
    texts["tools/objtool/libsubcmd/.run.o.cmd"],
  );
  await expect(read("tools/objtool/check.d")).resolves.toBe(texts["tools/objtool/check.d"]);
  await expect(read(".vmlinux.cmd")).resolves.toBe(texts[".vmlinux.cmd"]);
  // make goes by times: a file that says the same must not look new.
  expect((await stat(path.join(objtool, "libsubcmd", ".run.o.cmd"))).mtimeMs).toBe(1_000);
  await expect(read("tools/objtool/.check.o.cmd")).resolves.toContain("-I/new/tree/tools -c /new/tree/a.c");
});

// A "$" in the new path is taken for a pattern of String.replaceAll.
test("takes the new path literally", async () => {
  await using directory = await createTestDirectory();
  await mkdir(path.join(directory.path, "tools"));
  const file = path.join(directory.path, "tools", ".a.cmd");
  await writeFile(file, "gcc /old/a.c");
  await moveTree(directory.path, "/old", "/n$$ew");
  await expect(readFile(file, "utf8")).resolves.toBe("gcc /n$$ew/a.c");
});
