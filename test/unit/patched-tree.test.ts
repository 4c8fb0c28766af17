// SPDX-License-Identifier: Apache-2.0
/** A patch applied to a real tree on somebody's machine: only the tree, only the patch, whatever git is told at home. */

import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createContext } from "../../src/host/context.js";
import { applyPatch } from "../../src/kernel/apply-patch.js";
import { createTestDirectory } from "../test-directory.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

const entry = "one\ntwo words\nthree\n";

const change = `diff --git a/arch/entry.S b/arch/entry.S
--- a/arch/entry.S
+++ b/arch/entry.S
@@ -1,3 +1,4 @@
 one
+hook\t
 two words
 three
`;

/** A home with a git configuration, a tree to patch, and the patch. */
async function createTree(patch: string) {
  const directory = await createTestDirectory();
  const tree = path.join(directory.path, "tree");
  const home = path.join(directory.path, "home");
  await mkdir(path.join(tree, "arch"), { recursive: true });
  await mkdir(home);
  vi.stubEnv("HOME", home);
  await writeFile(path.join(tree, "arch", "entry.S"), entry);
  const file = path.join(directory.path, "0001-hook.patch");
  await writeFile(file, patch);
  return {
    ...directory,
    tree,
    configureGit: (text: string) => writeFile(path.join(home, ".gitconfig"), text),
    apply: (place = tree) => applyPatch(createContext(), place, file, "linux 6.12.0"),
    read: (name: string) => readFile(path.join(tree, name), "utf8"),
  };
}

const patched = entry.replace("two", "hook\t\ntwo");

describe("what is changed", () => {
  test("is the tree's own file, not the one that it shares with the stock tree by a hard link", async () => {
    await using made = await createTree(change);
    const copy = path.join(made.path, "copy");
    execFileSync("cp", ["-al", made.tree, copy]);
    await made.apply(copy);
    await expect(readFile(path.join(copy, "arch", "entry.S"), "utf8")).resolves.toBe(patched);
    await expect(made.read("arch/entry.S")).resolves.toBe(entry);
  });

  test("keeps its execute bit", async () => {
    await using made = await createTree(change);
    await chmod(path.join(made.tree, "arch", "entry.S"), 0o755);
    await made.apply();
    expect((await stat(path.join(made.tree, "arch", "entry.S"))).mode & 0o777).toBe(0o755);
  });

  test("may lie behind a link, in a path with spaces", async () => {
    await using made = await createTree(change);
    execFileSync("git", ["init", "--quiet", made.path]);
    const link = path.join(made.path, "a link");
    await symlink(made.tree, link);
    await made.apply(link);
    await expect(made.read("arch/entry.S")).resolves.toBe(patched);
  });

  test("may be a repository itself", async () => {
    await using made = await createTree(change);
    execFileSync("git", ["init", "--quiet", made.tree]);
    await made.apply();
    await expect(made.read("arch/entry.S")).resolves.toBe(patched);
  });

  test("may be taken away", async () => {
    await using made = await createTree(
      `diff --git a/arch/entry.S b/arch/entry.S
deleted file mode 100644
--- a/arch/entry.S
+++ /dev/null
@@ -1,3 +0,0 @@
-one
-two words
-three
`,
    );
    await made.apply();
    await expect(made.read("arch/entry.S")).rejects.toThrow("ENOENT");
  });
});

describe("a patch is refused by name", () => {
  test("when its file is missing", async () => {
    await using made = await createTree(change);
    await rm(path.join(made.tree, "arch", "entry.S"));
    await expect(made.apply()).rejects.toMatchObject({
      code: "KERNEL_PATCH_REJECTED",
      message: 'Cannot apply "0001-hook.patch" to linux 6.12.0: arch/entry.S: No such file or directory',
    });
  });

  test("when it has been applied already", async () => {
    await using made = await createTree(change);
    await made.apply();
    await expect(made.apply()).rejects.toMatchObject({ code: "KERNEL_PATCH_REJECTED" });
    await expect(made.read("arch/entry.S")).resolves.toBe(patched);
  });

  test.each([
    ["is empty", ""],
    ["is cut off", change.slice(0, change.indexOf(" two words"))],
    ["is no patch", "Hello\n"],
  ])("when it %s", async (_name, patch) => {
    await using made = await createTree(patch);
    await expect(made.apply()).rejects.toMatchObject({ code: "KERNEL_PATCH_REJECTED" });
    await expect(made.read("arch/entry.S")).resolves.toBe(entry);
  });

  test("when it leaves the tree", async () => {
    await using made = await createTree(change.replaceAll("arch/entry.S", "../escaped"));
    await expect(made.apply()).rejects.toMatchObject({ code: "KERNEL_PATCH_REJECTED" });
  });

  // Without "diff --git" lines no file is known whose change could be verified.
  test("when it is no git patch: nobody could tell whether it did anything", async () => {
    await using made = await createTree(change.replace(/^diff .*\n/, ""));
    await expect(made.apply()).rejects.toMatchObject({ code: "KERNEL_PATCH_REJECTED" });
  });
});

// HOME is among what children get, and git looks there.
describe("what the user's git is configured to do does not matter", () => {
  test.each([
    ["carriage returns", "[core]\n\tautocrlf = true\n"],
    ["whitespace to be fixed", "[apply]\n\twhitespace = fix\n"],
    ["whitespace to be an error", "[apply]\n\twhitespace = error\n"],
  ])("%s", async (_name, configuration) => {
    await using made = await createTree(change);
    await made.configureGit(configuration);
    await made.apply();
    await expect(made.read("arch/entry.S")).resolves.toBe(patched);
  });

  test("whitespace to be ignored", async () => {
    await using made = await createTree(change.replace("two words", "two  words"));
    await made.configureGit("[apply]\n\tignoreWhitespace = change\n");
    await expect(made.apply()).rejects.toMatchObject({ code: "KERNEL_PATCH_REJECTED" });
  });

  test("carriage returns, as an attribute", async () => {
    await using made = await createTree(change);
    await mkdir(path.join(made.path, "home", ".config", "git"), { recursive: true });
    await writeFile(path.join(made.path, "home", ".config", "git", "attributes"), "* text eol=crlf\n");
    await made.apply();
    await expect(made.read("arch/entry.S")).resolves.toBe(patched);
  });
});
