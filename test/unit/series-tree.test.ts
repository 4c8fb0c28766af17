// SPDX-License-Identifier: Apache-2.0
/** A series opened as a git tree and written back, with real git: `ukl kernel edit` and `ukl kernel refresh`. */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { editSeries } from "../../src/kernel/edit-series.js";
import { refreshSeries } from "../../src/kernel/refresh-series.js";
import { createToySeries } from "../toy-series.js";

async function openTree(files?: Readonly<Record<string, string>>) {
  const toy = await createToySeries(files);
  await editSeries(toy.ctx, await toy.request());
  // What format-patch makes of the patches is what they look like from now on.
  await refreshSeries(toy.ctx, await toy.request());
  const refresh = async () => refreshSeries(toy.ctx, await toy.request());
  const commit = async (message: string, files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) await toy.write(name, text);
    await toy.git("add", "--all");
    await toy.git("commit", "--quiet", "-m", message);
  };
  const readTree = (name: string) => readFile(path.join(toy.tree, name), "utf8");
  return { ...toy, refresh, commit, readTree };
}

describe("an opened tree", () => {
  test("has the source, the overlay, and every patch with its author and date", async () => {
    await using toy = await openTree();
    expect(await toy.git("log", "--reverse", "--format=%an, %ai: %s")).toBe(
      `Unikernel Linux, 2026-11-21 00:00:00 +0000: linux 6.12.0
Unikernel Linux, 2026-11-21 00:00:00 +0000: ukl: add the overlay
Ada Author, 2026-01-02 03:04:05 +0100: entry: first hook
Ada Author, 2026-01-02 03:04:05 +0100: entry: second hook
`,
    );
    expect(await toy.readTree("arch/entry.S")).toContain("line 5\nhook 1\nline 6\n");
    expect(await toy.readTree("arch/ukl/exec.c")).toBe("int exec;\n");
    expect(await toy.git("status", "--porcelain")).toBe("");
    // All of the source, also what its .gitignore names.
    expect(await toy.git("ls-tree", "-r", "--name-only", "refs/ukl/source")).toContain("a.o\n");
  });

  test.each([
    [
      "that is not empty",
      async (tree: string) => void (await mkdir(path.join(tree, "a"), { recursive: true })),
    ],
    ["that is a file", (tree: string) => writeFile(tree, "")],
  ])("is not opened in a place %s", async (_name, occupy) => {
    await using toy = await createToySeries();
    await occupy(toy.tree);
    await expect(toy.request().then((request) => editSeries(toy.ctx, request))).rejects.toMatchObject({
      code: "USAGE_INVALID",
      message: expect.stringMatching(/^Cannot open a tree in ".+": it is not (empty|a directory)$/),
    });
  });

  test("waits for a patch that does not apply any more, and can then be written back", async () => {
    await using toy = await createToySeries();
    const patch = path.join(toy.kernel, "series", "6.12", "0002-entry-second-hook.patch");
    await writeFile(patch, (await readFile(patch, "utf8")).replace(" line 22\n", " line 99\n"));
    await expect(toy.request().then((request) => editSeries(toy.ctx, request))).rejects.toMatchObject({
      code: "KERNEL_PATCH_REJECTED",
      message: 'Cannot apply "0002-entry-second-hook.patch" to linux 6.12.0: git am stopped there',
    });
    await expect(toy.request().then((request) => refreshSeries(toy.ctx, request))).rejects.toThrow(
      "am is in progress",
    );
    const entry = await readFile(path.join(toy.tree, "arch", "entry.S"), "utf8");
    await toy.write("arch/entry.S", entry.replace("line 20\n", "line 20\nhook 2\n"));
    await toy.git("add", "arch/entry.S");
    await toy.git("am", "--continue");
    const result = await refreshSeries(toy.ctx, await toy.request());
    expect(result.written).toContain("0002-entry-second-hook.patch");
    expect(await readFile(patch, "utf8")).toContain("+hook 2\n line 21\n line 22\n");
  });
});

describe("writing back", () => {
  test("changes nothing when nothing was changed, byte for byte", async () => {
    await using toy = await openTree();
    const before = await toy.read();
    expect(await toy.refresh()).toEqual({ written: [], removed: [] });
    expect(await toy.read()).toEqual(before);
    expect(Object.values(before).join("")).not.toContain("-- \n");
  });

  test("gives the same bytes from another tree, whatever that is configured to do", async () => {
    await using toy = await openTree();
    const before = await toy.read();
    await rm(toy.tree, { recursive: true });
    await editSeries(toy.ctx, await toy.request());
    for (const [key, value] of Object.entries({
      "format.signOff": "true",
      "format.numbered": "true",
      "format.signature": "me",
      "format.coverLetter": "true",
      "format.from": "true",
      "format.cc": "somebody@invalid",
      "format.headers": "X-Mine: 1\n",
      "format.subjectPrefix": "RFC",
      "diff.noprefix": "true",
      "diff.context": "9",
      "core.abbrev": "20",
    }))
      await toy.git("config", key, value);
    expect(await toy.refresh()).toEqual({ written: [], removed: [] });
    expect(await toy.read()).toEqual(before);
  });

  test("makes a patch of a commit, and removes the patch of one that is gone", async () => {
    await using toy = await openTree();
    await toy.git("reset", "--quiet", "--hard", "HEAD^");
    await toy.commit("other: hook\n\nSays why.", {
      "arch/other.S": (await toy.readTree("arch/other.S")).replace("line 9\n", "line 9\nhook\n"),
    });
    expect(await toy.refresh()).toEqual({
      written: ["0002-other-hook.patch"],
      removed: ["0002-entry-second-hook.patch"],
    });
    const files = await toy.read();
    expect(files["series/6.12/0002-other-hook.patch"]).toContain(
      "Subject: [PATCH] other: hook\n\nSays why.\n---\n",
    );
    expect(Object.keys(files)).not.toContain("series/6.12/0002-entry-second-hook.patch");
    // It is now what the tree was opened from.
    expect(await toy.refresh()).toEqual({ written: [], removed: [] });
  });

  test("tells the overlay's files from hooks in one commit, and what it is that a commit adds", async () => {
    await using toy = await openTree();
    await toy.commit("entry: third hook", {
      "arch/entry.S": (await toy.readTree("arch/entry.S")).replace("line 12\n", "line 12\nhook 3\n"),
      "arch/ukl/exec.c": "int exec2;\n",
      "arch/ukl/new.c": "int new_file;\n",
    });
    await toy.commit("only the overlay", { "Documentation/ukl.rst": "Unikernel Linux, anew\n" });
    expect(await toy.refresh()).toEqual({
      written: ["0003-entry-third-hook.patch", "Documentation/ukl.rst", "arch/ukl/exec.c", "arch/ukl/new.c"],
      removed: [],
    });
    const files = await toy.read();
    expect(files["overlay/arch/ukl/exec.c"]).toBe("int exec2;\n");
    expect(files["overlay/arch/ukl/new.c"]).toBe("int new_file;\n");
    expect(files["overlay/Documentation/ukl.rst"]).toBe("Unikernel Linux, anew\n");
    expect(files["series/6.12/0003-entry-third-hook.patch"]).toContain("+hook 3\n");
    expect(files["series/6.12/0003-entry-third-hook.patch"]).not.toContain("ukl/");
  });

  test("removes a file of the overlay that the tree has no more", async () => {
    await using toy = await openTree();
    await toy.git("rm", "--quiet", "arch/ukl/exec.c");
    await toy.git("commit", "--quiet", "-m", "gone");
    expect(await toy.refresh()).toEqual({ written: [], removed: ["arch/ukl/exec.c"] });
    expect(Object.keys(await toy.read())).not.toContain("overlay/arch/ukl/exec.c");
  });

  test("takes a patch that removes a file of the source", async () => {
    await using toy = await openTree();
    await toy.git("rm", "--quiet", "arch/other.S");
    await toy.git("commit", "--quiet", "-m", "other: remove");
    expect((await toy.refresh()).written).toEqual(["0003-other-remove.patch"]);
  });
});

describe("a tree is refused, and nothing is written,", () => {
  type Tree = Awaited<ReturnType<typeof openTree>>;
  const refusals: [string, (toy: Tree) => Promise<unknown>, string][] = [
    ["with changes", (toy) => toy.write("arch/entry.S", "changed\n"), "are not committed (arch/entry.S)"],
    [
      "with a new file",
      (toy) => toy.write("arch/ukl/new.c", "int a;\n"),
      "are not committed (arch/ukl/new.c)",
    ],
    [
      "in the middle of a rebase",
      (toy) => toy.git("-c", "sequence.editor=sed -i s/^pick/edit/", "rebase", "-i", "HEAD^"),
      "a rebase is in progress",
    ],
    [
      "with a merge",
      async (toy) => {
        await toy.git("checkout", "--quiet", "-b", "side", "HEAD^");
        await toy.commit("side", { "arch/ukl/side.c": "int side;\n" });
        await toy.git("merge", "--quiet", "--no-edit", "ukl-6.12");
      },
      "it has merges",
    ],
    [
      "with another beginning",
      (toy) =>
        toy.git("checkout", "--quiet", "--orphan", "other").then(() => toy.git("commit", "-qm", "all")),
      "does not begin with the distribution's source",
    ],
    ["of another series", (toy) => toy.git("config", "ukl.series", "6.1"), "it has the series 6.1"],
    [
      "that was opened by somebody else",
      (toy) => toy.git("config", "--unset", "ukl.series"),
      "did not open it",
    ],
    [
      "of another source",
      (toy) => toy.git("config", "ukl.source", "older"),
      "the distribution's source has changed",
    ],
    [
      "when the series has changed meanwhile",
      (toy) => writeFile(path.join(toy.kernel, "overlay", "arch", "ukl", "exec.c"), "int meanwhile;\n"),
      "kernel/series or kernel/overlay has changed",
    ],
    ["that does not exist", (toy) => rm(toy.tree, { recursive: true }), "did not open it"],
  ];

  test.each(refusals)("%s", async (_name, spoil, state) => {
    await using toy = await openTree();
    await spoil(toy);
    const before = await toy.read();
    await expect(toy.refresh()).rejects.toMatchObject({
      code: "KERNEL_TREE_INVALID",
      message: expect.stringContaining(state),
      hint: expect.any(String),
    });
    expect(await toy.read()).toEqual(before);
  });

  // What was opened is not what is in the cache: the patches are made for another file.
  test("whose patches do not apply to the distribution's source", async () => {
    await using toy = await openTree();
    const request = await toy.request();
    const elsewhere = path.join(toy.path, "elsewhere");
    await mkdir(path.join(elsewhere, "arch"), { recursive: true });
    await writeFile(path.join(elsewhere, "arch", "entry.S"), "line 1\n");
    const before = await toy.read();
    await expect(
      refreshSeries(toy.ctx, { ...request, source: { ...request.source, path: elsewhere } }),
    ).rejects.toMatchObject({ code: "KERNEL_PATCH_REJECTED" });
    expect(await toy.read()).toEqual(before);
  });
});
