// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "../host/context.js";
import { applyPatch } from "./apply-patch.js";

const ctx = createContext();
const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join("");

/** Two hunks in one file, and a new file. */
const patch = `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
Subject: [PATCH] entry: add hooks

---
 arch/entry.S | 2 ++
 arch/new.c   | 1 +

diff --git a/arch/entry.S b/arch/entry.S
--- a/arch/entry.S
+++ b/arch/entry.S
@@ -2,3 +2,4 @@
 line 2
 line 3
+hook 1
 line 4
@@ -20,3 +21,4 @@
 line 20
 line 21
+hook 2
 line 22
diff --git a/arch/new.c b/arch/new.c
new file mode 100644
--- /dev/null
+++ b/arch/new.c
@@ -0,0 +1 @@
+int new;
`;

async function createTree(entry: string) {
  const directory = await createTestDirectory();
  const tree = path.join(directory.path, "repository", "tree");
  await mkdir(path.join(tree, "arch"), { recursive: true });
  await writeFile(path.join(tree, "arch", "entry.S"), entry);
  const file = path.join(directory.path, "0003-x86-entry.patch");
  await writeFile(file, patch);
  return { ...directory, tree, file, apply: () => applyPatch(ctx, tree, file, "linux 6.12.107") };
}

test("applies, and what it names has changed", async () => {
  await using made = await createTree(numbers(1, 30));
  await made.apply();
  const entry = await readFile(path.join(made.tree, "arch", "entry.S"), "utf8");
  expect(entry).toBe(
    numbers(1, 30).replace("line 3\n", "line 3\nhook 1\n").replace("line 21\n", "line 21\nhook 2\n"),
  );
  await expect(readFile(path.join(made.tree, "arch", "new.c"), "utf8")).resolves.toBe("int new;\n");
});

test("applies inside somebody's repository, where git would do nothing and report success", async () => {
  await using made = await createTree(numbers(1, 30));
  execFileSync("git", ["init", "--quiet", path.dirname(made.tree)]);
  await made.apply();
  await expect(readFile(path.join(made.tree, "arch", "entry.S"), "utf8")).resolves.toContain("hook 2");
});

describe("is refused, and nothing is changed,", () => {
  test.each([
    ["when a hunk does not match", numbers(1, 20) + numbers(31, 40), "hunk 2 of arch/entry.S does not match"],
    [
      "rather than applied with fuzz",
      numbers(1, 3) + numbers(5, 30),
      "hunk 1 of arch/entry.S does not match",
    ],
  ])("%s", async (_name, entry, state) => {
    await using made = await createTree(entry);
    await expect(made.apply()).rejects.toMatchObject({
      code: "KERNEL_PATCH_REJECTED",
      message: `Cannot apply "0003-x86-entry.patch" to linux 6.12.107: ${state}`,
    });
    await expect(readFile(path.join(made.tree, "arch", "entry.S"), "utf8")).resolves.toBe(entry);
  });

  test("when a file is there already", async () => {
    await using made = await createTree(numbers(1, 30));
    await writeFile(path.join(made.tree, "arch", "new.c"), "");
    await expect(made.apply()).rejects.toThrow("arch/new.c: already exists in working directory");
  });
});
