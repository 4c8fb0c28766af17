// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDirectory, type TestDirectory } from "../../test/test-directory.js";
import { createContext } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { listSource } from "../source/list-source.js";
import { withBuildTree } from "./build-tree.js";

let directory: TestDirectory;
let source: string;
beforeEach(async () => {
  directory = await createTestDirectory();
  source = path.join(directory.path, "project");
  await mkdir(source);
  await write("Makefile", makefile);
  for (const part of ["a", "b"]) await write(`${part}.txt`, part);
});
afterEach(() => directory[Symbol.asyncDispose]());

/** Concatenates; knows nothing of "included.c". */
const makefile = "all: a.o b.o\n\tcat a.o b.o >$@\n%.o: %.c\n\techo $< >>log\n\tcp $< $@\n".replaceAll(
  ".c",
  ".txt",
);

async function write(name: string, text: string): Promise<void> {
  await writeFile(path.join(source, name), text);
}

/** Writes later than everything before: a file's date is that of the last tick. */
async function edit(name: string, text: string): Promise<void> {
  const before = Date.now();
  do await write(name, text);
  while ((await stat(path.join(source, name))).mtimeMs < before + 2);
}

/** Runs make in the tree, after something else; returns what it compiled, and the result. */
async function build(
  copy = true,
  first?: () => Promise<void>,
): Promise<{ compiled: string; result: string; fresh: boolean }> {
  const ctx = createContext({ cacheDir: path.join(directory.path, "cache") });
  const files = await listSource(source, []);
  const request = { name: "kv", inputs: 1, source: { path: source, files }, copy };
  return withBuildTree(ctx, request, async (ctx, tree) => {
    const log = path.join(tree.output, "log");
    await rm(log, { force: true });
    await first?.();
    await runCommand(ctx, "make", ["-f", path.join(tree.source, "Makefile"), `VPATH=${tree.source}`], {
      cwd: tree.output,
    });
    return {
      compiled: (await readFile(log, "utf8").catch(() => "")).replaceAll(/\S*\/|\n/g, ""),
      result: await readFile(path.join(tree.output, "all"), "utf8"),
      fresh: tree.fresh,
    };
  });
}

describe("a copy", () => {
  test("is built, and the source left alone", async () => {
    expect(await build()).toEqual({ compiled: "a.txtb.txt", result: "ab", fresh: true });
    expect(await readdir(source)).toEqual(["Makefile", "a.txt", "b.txt"]);
  });

  test("is kept: what an edit does not concern is not compiled again", async () => {
    await build();
    await write("b.txt", "B");
    expect(await build()).toEqual({ compiled: "b.txt", result: "aB", fresh: false });
    expect(await build()).toEqual({ compiled: "", result: "aB", fresh: false });
  });

  test("sees a change that was made while it was built", async () => {
    await build(true, () => edit("b.txt", "B"));
    expect(await build()).toEqual({ compiled: "b.txt", result: "aB", fresh: false });
  });

  test("sees a change although its date is old", async () => {
    await build();
    await write("b.txt", "old");
    await utimes(path.join(source, "b.txt"), 1_000, 1_000);
    expect(await build()).toMatchObject({ compiled: "b.txt", result: "aold" });
  });

  test("is begun afresh when the makefile has changed", async () => {
    await build();
    await write("Makefile", makefile.replace("cp $< $@", "tr a-z A-Z <$< >$@"));
    expect(await build()).toEqual({ compiled: "a.txtb.txt", result: "AB", fresh: true });
  });

  test("has links as links, and loses what was removed", async () => {
    await symlink("b.txt", path.join(source, "c.txt"));
    await write("d.txt", "d");
    await build();
    await rm(path.join(source, "d.txt"));
    await build();
    const [tree = ""] = (await readdir(path.join(directory.path, "cache", "app"))).filter(
      (name) => !name.endsWith(".lock"),
    );
    const names = await readdir(path.join(directory.path, "cache", "app", tree, "source"));
    expect(names).toContain("c.txt");
    expect(names).not.toContain("d.txt");
  });

  test("is begun afresh after a build that was cut off", async () => {
    await build();
    const app = path.join(directory.path, "cache", "app");
    const [tree = ""] = (await readdir(app)).filter((name) => !name.endsWith(".lock"));
    const manifest = path.join(app, tree, "manifest.json");
    const state = JSON.parse(await readFile(manifest, "utf8")) as object;
    await writeFile(manifest, JSON.stringify({ ...state, building: true }));
    expect(await build()).toMatchObject({ fresh: true });
  });

  test("is built again when the build says that it overlooked the change", async () => {
    const ctx = createContext({ cacheDir: path.join(directory.path, "cache") });
    const seen: boolean[] = [];
    const attempt = async (): Promise<void> => {
      const files = await listSource(source, []);
      const request = { name: "kv", inputs: 2, source: { path: source, files }, copy: true };
      await withBuildTree(ctx, request, async (_ctx, tree) => {
        seen.push(tree.expectsChange);
        return tree.expectsChange ? undefined : true;
      });
    };
    await write("included.c", "1");
    await attempt();
    await write("included.c", "2");
    await attempt();
    expect(seen).toEqual([false, true, false]);
  });
});

describe("a build beside its source", () => {
  test("keeps its own directory, and sees what has changed", async () => {
    expect(await build(false)).toEqual({ compiled: "a.txtb.txt", result: "ab", fresh: true });
    await edit("a.txt", "A");
    expect(await build(false)).toMatchObject({ compiled: "a.txt", result: "Ab", fresh: false });
    expect(await readdir(source)).toEqual(["Makefile", "a.txt", "b.txt"]);
  });

  test("is begun afresh when a change was made while it was built", async () => {
    await build(false, () => edit("b.txt", "B"));
    expect(await build(false)).toMatchObject({ fresh: true, result: "aB" });
  });

  test("is begun afresh when a change has an old date", async () => {
    await build(false);
    await write("b.txt", "old");
    await utimes(path.join(source, "b.txt"), 1_000, 1_000);
    expect(await build(false)).toMatchObject({ result: "aold", fresh: true });
  });
});
