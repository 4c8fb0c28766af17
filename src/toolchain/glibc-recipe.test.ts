// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { configureArguments, parseSortedFolders } from "./glibc-recipe.js";

test("finds the folders in glibc's sysd-sorted, in their order, without those that add nothing", () => {
  const sorted = [
    "$(common-objpfx)sysd-sorted: $(wildcard $(..)resolv/Depend)",
    "sorted-subdirs := csu iconv iconvdata math localedata string nscd elf",
    "sysd-sorted-done := t",
  ].join("\n");
  expect(parseSortedFolders(sorted)).toEqual(["csu", "iconv", "math", "string", "elf"]);
  expect(parseSortedFolders("")).toEqual([]);
});

test("keeps the options that decide about position independence in CC", () => {
  const [cc, , ...options] = configureArguments("/usr/bin/gcc", "/usr/bin/g++", "/as");
  expect(cc).toBe("CC=/usr/bin/gcc -B/as/ -no-pie -fno-pic -fno-pie -mno-red-zone");
  expect(options).not.toContain("--disable-shared");
});
