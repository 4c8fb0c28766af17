// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { classifyChanges, findChanges } from "./source-changes.js";

const file = (name: string, content = "file 1") => ({ name, content });

test("finds what is new, other and gone", () => {
  const before = [file("a.c"), file("b.c"), file("c.c")];
  const now = [file("a.c"), file("b.c", "file 2"), file("d.c")];
  expect(findChanges(before, now)).toEqual({
    changed: [file("b.c", "file 2"), file("d.c")],
    removed: ["c.c"],
  });
});

test.each<[string, readonly string[], readonly string[], string]>([
  ["code must show in the program", ["src/kv.c"], [], "objects"],
  ["what nobody compiles need not", ["README.md"], [], "everything"],
  ["nothing at all", [], [], "everything"],
  ["a makefile changes everything", ["src/Makefile"], [], "nothing"],
  ["so do its parts", ["rules.mk"], [], "nothing"],
  ["and what generates code", ["gen.py", "kv.c"], [], "nothing"],
  ["a header that nobody keeps track of, too", ["kv.h"], [], "nothing"],
  ["code that is gone leaves its object behind", [], ["old.c"], "nothing"],
])("%s", async (_name, changed, removed, use) => {
  await using tree = await createTestDirectory();
  const changes = { changed: changed.map((name) => file(name)), removed };
  expect(await classifyChanges(changes, tree.path)).toBe(use);
});

test.each(["kv.d", "sub/.deps/kv.Po"])(
  "a header is trusted to make where the compiler wrote %s",
  async (kept) => {
    await using tree = await createTestDirectory();
    await mkdir(path.dirname(path.join(tree.path, kept)), { recursive: true });
    await writeFile(path.join(tree.path, kept), "kv.o: kv.c kv.h\n");
    const changes = { changed: [file("kv.h")], removed: [] };
    expect(await classifyChanges(changes, tree.path)).toBe("objects");
  },
);
