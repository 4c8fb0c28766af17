// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isDynamic, parseElf, segmentType } from "./parse-elf.js";
import { readNotes } from "./read-notes.js";
import { readSymbols } from "./read-symbols.js";
import { addUklNote, findUklNote } from "./ukl-note.js";

const source = `
  #include <stdio.h>
  int marker_function(void) { return 42; }
  int main(void) { printf("still runs %d\\n", marker_function()); return 7; }
`;

let directory: string;
const file = (name: string): string => path.join(directory, name);
const compile = (name: string, ...flags: string[]): Uint8Array => {
  execFileSync("gcc", [...flags, "-o", file(name), file("program.c")]);
  return readFileSync(file(name));
};
const readelf = (name: string, bytes: Uint8Array, flag: string): string => {
  writeFileSync(file(name), bytes);
  return execFileSync("readelf", [flag, "-W", file(name)], { encoding: "utf8" });
};
/** Without section headers, so that readelf has to find the notes as a kernel does. */
const readelfNotes = (bytes: Uint8Array): string => {
  const copy = bytes.slice();
  copy.fill(0, 40, 48).fill(0, 60, 64);
  return readelf("sectionless", copy, "-n");
};
const run = (name: string, bytes: Uint8Array): { status: unknown; output: string } => {
  writeFileSync(file(name), bytes);
  chmodSync(file(name), 0o755);
  try {
    return { status: 0, output: execFileSync(file(name), { encoding: "utf8" }) };
  } catch (error) {
    const { status, stdout } = error as { status: unknown; stdout: string };
    return { status, output: stdout };
  }
};

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-elf-"));
  writeFileSync(file("program.c"), source);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("parseElf", () => {
  test("reads a static program as readelf does", () => {
    const bytes = compile("static", "-static");
    const elf = parseElf(bytes, "static");
    expect(elf.type).toBe("executable");
    expect(isDynamic(elf)).toBe(false);
    const header = readelf("static", bytes, "-h");
    expect(header).toContain(`Entry point address:               0x${elf.entry.toString(16)}`);
    expect(header).toContain(`Number of section headers:         ${elf.sections.length}`);
    const symbol = readSymbols(elf).find(({ name }) => name === "marker_function");
    expect(symbol).toMatchObject({ kind: "function", binding: "global" });
    expect(readelf("static", bytes, "-s")).toContain(
      `${symbol?.value.toString(16).padStart(16, "0")}    11 FUNC    GLOBAL DEFAULT`,
    );
  });

  test("knows a dynamic program, and a stripped one", () => {
    expect(isDynamic(parseElf(compile("dynamic"), "dynamic"))).toBe(true);
    expect(readSymbols(parseElf(compile("stripped", "-static", "-s"), "stripped"))).toEqual([]);
  });

  test("reads the build ID that the linker was given", () => {
    const elf = parseElf(compile("id", "-static", "-Wl,--build-id=0xdeadbeef"), "id");
    const id = readNotes(elf).find((note) => note.owner === "GNU" && note.type === 3);
    expect(Buffer.from(id?.description ?? []).toString("hex")).toBe("deadbeef");
  });

  test.each([
    ["text", Buffer.from("#!/bin/sh\nexit 0\n"), "it is not an ELF file"],
    ["empty", new Uint8Array(), "it is not an ELF file"],
  ])("refuses %s", (name, bytes, reason) => {
    expect(() => parseElf(bytes, name)).toThrow(`Cannot use "${name}" as a program: ${reason}`);
  });

  test("refuses another machine, another word size, and every kind of truncation", () => {
    const bytes = new Uint8Array(compile("whole", "-static"));
    const patched = (offset: number, value: number): Uint8Array =>
      bytes.slice().fill(value, offset, offset + 1);
    expect(() => parseElf(patched(18, 183), "arm")).toThrow("it is for aarch64, not for x86-64");
    expect(() => parseElf(patched(4, 1), "i386")).toThrow("not a 64-bit little-endian");
    for (const size of [20, 64, 100, 5000, bytes.length - 1])
      expect(() => parseElf(bytes.subarray(0, size), "short")).toThrow("it is damaged or cut short");
  });
});

describe("addUklNote", () => {
  const any = { kernelBuildId: undefined };
  const kernelBuildId = Uint8Array.from({ length: 20 }, (_, index) => index);

  test.each([
    ["static", ["-static"]],
    ["static-pie", ["-static-pie"]],
    ["dynamic", []],
    ["stripped", ["-static", "-s"]],
    ["without build ID", ["-static", "-Wl,--build-id=none"]],
  ])("marks a %s program, which runs as before", (name, flags) => {
    const bytes = compile("plain", ...flags);
    const marked = addUklNote(bytes, any, name);
    expect(findUklNote(parseElf(bytes, name))).toBeUndefined();
    expect(findUklNote(parseElf(marked, name))).toEqual(any);
    expect(readelfNotes(marked)).toMatch(/UKL\s+0x0000001c/);
    expect(run("marked", marked)).toEqual({ status: 7, output: "still runs 42\n" });
  });

  test("keeps the old notes", () => {
    const bytes = compile("plain", "-static");
    const owners = (elf: Uint8Array): string[] =>
      readNotes(parseElf(elf, "")).map((note) => `${note.owner} ${note.type}`);
    expect(owners(addUklNote(bytes, any, "plain")).sort()).toEqual([...owners(bytes), "UKL 1"].sort());
  });

  test("overwrites its own note instead of adding a second one", () => {
    const once = addUklNote(compile("plain", "-static"), any, "plain");
    const twice = addUklNote(once, { kernelBuildId }, "plain");
    expect(twice.length).toBe(once.length);
    expect(findUklNote(parseElf(twice, "plain"))).toEqual({ kernelBuildId });
  });

  test("takes PT_GNU_STACK when there is nothing better", () => {
    const bytes = new Uint8Array(compile("plain", "-static"));
    const view = new DataView(bytes.buffer);
    for (const segment of parseElf(bytes, "plain").segments)
      if (segment.type === segmentType.note || segment.type === segmentType.gnuProperty)
        view.setUint32(segment.headerOffset, 0x60000000, true);
    const marked = addUklNote(bytes, any, "plain");
    expect(parseElf(marked, "plain").segments.some(({ type }) => type === segmentType.gnuStack)).toBe(false);
    expect(run("marked", marked).status).toBe(7);
  });

  test("refuses an object file", () => {
    const bytes = compile("object.o", "-c");
    expect(() => addUklNote(bytes, any, "object.o")).toThrow("it is not a linked program");
  });
});
