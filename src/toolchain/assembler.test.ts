// SPDX-License-Identifier: Apache-2.0
/** The assembler of userland/as, called as gcc and as people call it. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packagePath } from "../host/package-path.js";

const assembler = packagePath("userland", "as", "as");
const source = "first:\n syscall\n nop\n";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-as-"));
  writeFileSync(path.join(directory, "one.s"), source);
});
afterAll(() => rmSync(directory, { recursive: true }));

function assemble(args: readonly string[], input = ""): string {
  execFileSync(assembler, args, { cwd: directory, input });
  return execFileSync("objdump", ["-dr", "out.o"], { cwd: directory, encoding: "utf8" });
}

describe("reads its source", () => {
  test.each([
    ["from a file", ["-o", "out.o", "one.s"], ""],
    ["from a file named first", ["one.s", "-o", "out.o"], ""],
    ["from standard input", ["-o", "out.o"], source],
    ["from standard input by name", ["-o", "out.o", "-"], source],
    ["with options that take a value", ["--64", "-I", ".", "--MD", "deps", "-o", "out.o"], source],
  ])("%s", (_name, args, input) => {
    const code = assemble(args, input);
    expect(code).toContain("R_X86_64_PLT32\t__ukl_syscall-0x4");
    expect(code).not.toMatch(/\tsyscall/);
  });
});

test("a function called syscall is not the instruction", () => {
  const code = assemble(["-o", "out.o"], ".globl syscall\nsyscall: ret\n call syscall\n");
  expect(code).toContain("<syscall>:");
  expect(code).not.toContain("__ukl_syscall");
});

test("understands Intel's syntax too", () => {
  expect(assemble(["-o", "out.o"], ".intel_syntax noprefix\n mov eax, 60\n syscall\n")).toContain(
    "__ukl_syscall",
  );
});

test("an error names the line in the source", () => {
  const failing = (): string => assemble(["-o", "out.o"], " nop\n nonsense\n");
  expect(failing).toThrow(/\{standard input\}:2: Error: no such instruction/);
});
