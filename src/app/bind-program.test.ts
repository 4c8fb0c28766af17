// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseElf } from "../elf/parse-elf.js";
import { findUklNote } from "../elf/ukl-note.js";
import { packagePath } from "../host/package-path.js";
import { bindProgram, findCallSites, hasCallSites } from "./bind-program.js";

const kernel = { systemCall: 0xffffffff81000040n, buildId: new Uint8Array(20).fill(0x5a) };

/** Two system calls, without a C library. */
const source = `
  __attribute__((noreturn)) void _start(void) {
    long pid, status = 0;
    __asm__ volatile("syscall" : "=a"(pid) : "0"(39L) : "rcx", "r11", "memory");
    __asm__ volatile("syscall" : "=a"(status) : "0"(60L), "D"(pid > 0 ? 7L : 8L) : "rcx", "r11", "memory");
    __builtin_unreachable();
  }`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-bind-"));
  writeFileSync(path.join(directory, "program.c"), source);
});
afterAll(() => rmSync(directory, { recursive: true }));

function compile(name: string, ...flags: readonly string[]): Uint8Array {
  const output = path.join(directory, name);
  const start = packagePath("userland", "start", "start.S");
  const assembler = packagePath("userland", "as");
  // The start object's own instructions must stay: it is assembled by the system's assembler.
  execFileSync("gcc", ["-c", "-o", "start.o", start], { cwd: directory });
  const all = [`-B${assembler}/`, "-O2", "-mno-red-zone", "-nostdlib", "-static", "-fno-pie", "-no-pie"];
  execFileSync("gcc", [...all, "-e", "__ukl_start", ...flags, "-o", output, "program.c", "start.o"], {
    cwd: directory,
  });
  return readFileSync(output);
}

function callTargets(bytes: Uint8Array): string[] {
  const file = path.join(directory, "disassembled");
  writeFileSync(file, bytes);
  const code = execFileSync("objdump", ["-d", "--no-show-raw-insn", file], { encoding: "utf8" });
  return [...code.matchAll(/\tcall +(?:0x)?(\w+)/g)].map((match) => match[1] ?? "");
}

describe("bindProgram", () => {
  test.each([
    ["plain", []],
    ["stripped", ["-s"]],
    ["with debug information", ["-g"]],
  ])("makes every call go to the kernel: %s", (name, flags) => {
    const bytes = compile(name, ...flags);
    expect(new Set(callTargets(bytes)).size).toBe(1);
    const bound = bindProgram(bytes, kernel, name);
    expect(callTargets(bound)).toEqual(["ffffffff81000040", "ffffffff81000040"]);
    expect(findUklNote(parseElf(bound, name))).toEqual({ kernelBuildId: kernel.buildId });
    expect(bound.length).toBe(bytes.length);
  });

  test("leaves the original alone, which still runs", () => {
    const bytes = compile("original");
    const before = Uint8Array.from(bytes);
    bindProgram(bytes, kernel, "original");
    expect(Uint8Array.from(bytes)).toEqual(before);
    expect(() => execFileSync(path.join(directory, "original"))).toThrow(
      expect.objectContaining({ status: 7 }),
    );
  });

  test("binds again, to another kernel, as if for the first time", () => {
    const bytes = compile("again");
    const other = { systemCall: 0xffffffff82000000n, buildId: new Uint8Array(20).fill(1) };
    expect(bindProgram(bindProgram(bytes, other, "again"), kernel, "again")).toEqual(
      bindProgram(bytes, kernel, "again"),
    );
  });

  test("refuses a program that is out of the kernel's reach", () => {
    const bytes = compile("high", "-Wl,-Ttext-segment=0x2000000");
    expect(() => bindProgram(bytes, kernel, "high")).toThrow(
      /^Cannot use "high" as a program: the call at 0x2\w+ cannot reach/,
    );
  });

  test("refuses a program of another compiler", () => {
    const output = path.join(directory, "foreign");
    execFileSync("gcc", ["-nostdlib", "-static", "-no-pie", "-o", output, "program.c"], { cwd: directory });
    const bytes = readFileSync(output);
    expect(hasCallSites(parseElf(bytes, "foreign"))).toBe(false);
    expect(() => bindProgram(bytes, kernel, "foreign")).toThrow("it was not built by the toolchain");
  });

  test("refuses a table that leads anywhere but to calls", () => {
    const bytes = Uint8Array.from(compile("damaged"));
    const [site] = findCallSites(parseElf(bytes, "damaged"), "damaged");
    bytes[site?.offset ?? 0] = 0x90;
    expect(() => bindProgram(bytes, kernel, "damaged")).toThrow(
      "its table of system calls is damaged: no call at 0x",
    );
  });
});
