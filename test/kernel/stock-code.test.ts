// SPDX-License-Identifier: Apache-2.0
/**
 * With CONFIG_UKL=n our kernel is Linux as it was: what is built from the files that a hook patch touches, and from
 * those that see the headers that one touches, is the same as in the unpatched tree. What is ignored in the comparison
 * is said in compare-objects.ts.
 */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { parsePatchedFiles } from "../../src/kernel/apply-patch.js";
import { prepareKernelSource } from "../../src/kernel/prepare-source.js";
import { commonFragments, loadFragments, loadSeries } from "../../src/kernel/series.js";
import { createTestDirectory, type TestDirectory } from "../test-directory.js";
import { buildObjects, type Objects } from "./build-objects.js";
import { compareObjects } from "./compare-objects.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

/** Where the headers that we touch are used: entry and exit, faults, signals, exec, fork, memory management. */
const places = [
  ...["arch/x86/entry/", "arch/x86/kernel/", "arch/x86/mm/", "arch/x86/events/"],
  ...["fs/binfmt_elf.o", "fs/exec.o", "fs/coredump.o", "fs/proc/task_mmu.o"],
  ...["kernel/fork.o", "kernel/signal.o", "kernel/ptrace.o", "kernel/exit.o", "kernel/entry/common.o"],
  ...["kernel/sched/core.o", "kernel/events/core.o"],
  ...["mm/mmap.o", "mm/memory.o", "mm/gup.o", "mm/mprotect.o"],
];

let directory: TestDirectory;
let patched: readonly string[];
let stock: Objects;
let ours: Objects;

beforeAll(async () => {
  directory = await createTestDirectory();
  const series = await loadSeries();
  const texts = await Promise.all(series.patches.map((patch) => readFile(patch, "utf8")));
  patched = texts
    .flatMap(parsePatchedFiles)
    .filter((name) => /\.[cS]$/.test(name))
    .map((name) => name.replace(/\.[cS]$/, ".o"));
  // Without ukl.config. Line numbers are ignored in __bug_table only, so nothing else may have them.
  const fragment = await loadFragments(commonFragments);
  const build = async (name: string, ukl: boolean): Promise<Objects> => {
    const source = await prepareKernelSource(ctx, series, ukl);
    // An object that is named beside its directory would keep kbuild from the directory's others.
    const targets = [...places, ...patched.filter((name) => !places.some((place) => name.startsWith(place)))];
    return buildObjects(ctx, {
      source: source.path,
      directory: path.join(directory.path, name),
      fragment,
      targets,
    });
  };
  stock = await build("stock", false);
  ours = await build("ours", true);
  return () => directory[Symbol.asyncDispose]();
});

test("the configurations differ in our options only, which are off", async () => {
  const read = async ({ directory }: Objects): Promise<string[]> =>
    (await readFile(path.join(directory, ".config"), "utf8")).split("\n");
  const [before, after] = [await read(stock), await read(ours)];
  expect(before.filter((line) => !after.includes(line))).toEqual([]);
  expect(after.filter((line) => !before.includes(line))).toEqual(["# CONFIG_UKL is not set"]);
});

test("every object that a patch touches is built, and the same objects in both", () => {
  expect(stock.names).toEqual(ours.names);
  expect(patched.filter((name) => !ours.names.includes(name))).toEqual([]);
  expect(ours.names.length).toBeGreaterThan(150);
});

test("the objects are the same", async () => {
  const differences: string[] = [];
  for (const name of ours.names) {
    const found = await compareObjects(path.join(stock.directory, name), path.join(ours.directory, name));
    differences.push(...found.map((difference) => `${name}: ${difference}`));
  }
  expect(differences).toEqual([]);
});
