// SPDX-License-Identifier: Apache-2.0
/** The readers of dynamic sections, relocations, unwind tables and archives, against readelf and ar. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { identifyElf } from "./identify-elf.js";
import { bytesAt, parseElf } from "./parse-elf.js";
import { isArchive, readArchive } from "./read-archive.js";
import { readDynamic } from "./read-dynamic.js";
import { readFrameRanges } from "./read-frame-ranges.js";
import { readRelocations } from "./read-relocations.js";

const source = `
  #include <stdio.h>
  #include <stdlib.h>
  int counter;
  int twice(int n) { counter++; return 2 * n; }
  int main(void) { printf("%d %s\\n", twice(21), getenv("HOME")); return 0; }
`;

let directory: string;
const file = (name: string): string => path.join(directory, name);
const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { cwd: directory, encoding: "utf8", maxBuffer: 2 ** 26 });
const compile = (name: string, ...flags: readonly string[]) => {
  run("gcc", ...flags, "-o", name, "program.c");
  return parseElf(readFileSync(file(name)), name);
};

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-readers-"));
  writeFileSync(file("program.c"), source);
});
afterAll(() => rmSync(directory, { recursive: true }));

test("readDynamic: loader, libraries and search path of a dynamic program", () => {
  const elf = compile("dynamic", "-pie", "-fPIE", "-Wl,-rpath,$ORIGIN/lib:/opt/lib");
  expect(readDynamic(elf)).toEqual({
    interpreter: "/lib64/ld-linux-x86-64.so.2",
    libraries: ["libc.so.6"],
    searchPath: ["$ORIGIN/lib", "/opt/lib"],
    name: undefined,
    isPie: true,
  });
});

test("readDynamic: a static program has nothing of it, a library has a name", () => {
  expect(readDynamic(compile("static", "-static"))).toEqual({
    interpreter: undefined,
    libraries: [],
    searchPath: [],
    name: undefined,
    isPie: false,
  });
  expect(readDynamic(compile("library", "-shared", "-fPIC", "-Wl,-soname,libx.so.1"))).toMatchObject({
    name: "libx.so.1",
    isPie: false,
  });
});

// Without what readelf shows of sections, and the compiler's labels.
test.each([
  ["an object", ["-c", "-O2"]],
  ["a dynamic program", ["-pie", "-fPIE"]],
])("readRelocations: those of %s that have a symbol, as readelf has them", (_name, flags) => {
  const elf = compile("relocated", ...flags);
  const ours = readRelocations(elf)
    .filter(({ symbol }) => /^[A-Za-z_]/.test(symbol))
    .map(
      ({ offset, type, symbol }) => `${offset.toString(16).padStart(12, "0")} ${type.toString(16)} ${symbol}`,
    );
  const theirs = [
    ...run("readelf", "-r", "-W", "relocated").matchAll(
      /^([0-9a-f]{16}) +([0-9a-f]{16}) R_\S+ +[0-9a-f]{16} ([A-Za-z_]\w*)/gm,
    ),
  ].map(
    ([, offset = "", info = "", symbol = ""]) =>
      `${offset.slice(4)} ${Number.parseInt(info.slice(8), 16).toString(16)} ${symbol}`,
  );
  expect(theirs.length).toBeGreaterThan(3);
  expect(ours).toEqual(theirs);
});

test.each([
  ["dynamic", ["-O2"]],
  ["static, stripped", ["-static", "-s"]],
])("readFrameRanges: as readelf has them (%s)", (_name, flags) => {
  const elf = compile("framed", ...flags);
  const ours = readFrameRanges(elf).map(({ start, end }) => `${start.toString(16)}..${end.toString(16)}`);
  const theirs = [
    ...run("readelf", "--debug-dump=frames", "-W", "framed").matchAll(
      /FDE .* pc=0*([0-9a-f]+)\.\.0*([0-9a-f]+)/g,
    ),
  ].map(([, start, end]) => `${start}..${end}`);
  expect(theirs.length).toBeGreaterThan(3);
  expect(ours).toEqual(theirs);
});

test("readFrameRanges: in an object they are not relocated yet", () => {
  expect(readFrameRanges(compile("object.o", "-c"))).toEqual([]);
});

test("bytesAt: what is loaded at an address, to the end of its segment", () => {
  const elf = compile("static", "-static");
  const [segment] = elf.segments.filter(({ type }) => type === 1);
  const start = segment?.address ?? 0n;
  expect(bytesAt(elf, start)?.subarray(0, 4)).toEqual(Buffer.from("\u007fELF"));
  expect(bytesAt(elf, start + 1n)?.length).toBe((segment?.fileSizeBytes ?? 0) - 1);
  expect(bytesAt(elf, 1n)).toBeUndefined();
});

test("readArchive: names and contents as ar extracts them, long names and odd sizes too", () => {
  const members = { "a.o": "one", "a-name-of-more-than-sixteen-letters.o": "three\n", "b c.txt": "" };
  for (const [name, content] of Object.entries(members)) writeFileSync(file(name), content);
  run("ar", "crS", "all.a", ...Object.keys(members));
  const bytes = readFileSync(file("all.a"));
  expect(isArchive(bytes)).toBe(true);
  const found = readArchive(bytes, "all.a").map(({ name, bytes: content }) => [
    name,
    Buffer.from(content ?? []).toString(),
  ]);
  expect(Object.fromEntries(found)).toEqual(members);
});

test("readArchive: the index of symbols is no member; a thin archive has names only", () => {
  compile("indexed.o", "-c");
  run("ar", "crs", "indexed.a", "indexed.o");
  run("ar", "crsT", "thin.a", "indexed.o");
  expect(readArchive(readFileSync(file("indexed.a")), "").map(({ name }) => name)).toEqual(["indexed.o"]);
  expect(readArchive(readFileSync(file("thin.a")), "")).toEqual([{ name: "indexed.o", bytes: undefined }]);
});

test("readArchive: what is cut short is an error", () => {
  compile("indexed.o", "-c");
  run("ar", "crs", "indexed.a", "indexed.o");
  const bytes = readFileSync(file("indexed.a"));
  for (const size of [20, 100, bytes.length - 1])
    expect(() => readArchive(bytes.subarray(0, size), "short.a")).toThrow(
      /"short.a" as a program: the archive is (damaged|cut short)/,
    );
});

test("identifyElf: tells machines and word sizes apart that parseElf refuses", () => {
  run("gcc", "-m32", "-c", "-o", "i386.o", "-x", "assembler", "/dev/null");
  expect(identifyElf(readFileSync(file("i386.o")))).toMatchObject({
    bits: 32,
    machineName: "i386",
    littleEndian: true,
  });
  expect(identifyElf(compile("object.o", "-c").bytes)).toMatchObject({
    bits: 64,
    machineName: "x86-64",
    osAbi: 0,
  });
  expect(identifyElf(Buffer.from("hello, world, this is text"))).toBeUndefined();
  const sparc = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2]);
  expect(identifyElf(sparc)).toMatchObject({ machineName: "SPARC", littleEndian: false });
});
