// SPDX-License-Identifier: Apache-2.0
/** The check of what our toolchain builds: level base, whatever becomes of the program afterwards. */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { check } from "../../src/check/check.js";
import type { CheckReport } from "../../src/check/finding.js";
import { runCommand } from "../../src/host/run-command.js";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";
import { ctx, useDirectory, useToolchain } from "./fixture.js";

let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await useToolchain();
});

const hello = '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n';

/** A function in assembly that keeps data below RSP over a system call. */
const belowStack = (offset: number): string => `
  long subject(long);
  __asm__(".globl subject\\n.type subject, @function\\nsubject: mov %rdi, -${offset}(%rsp)\\nmov $39, %eax\\nsyscall\\n"
          "mov -${offset}(%rsp), %rax\\nret\\n.size subject, . - subject\\n");
  int main(void) { return subject(0); }`;

async function checkBuilt(source: string, ...commands: readonly (readonly string[])[]): Promise<CheckReport> {
  const directory = useDirectory();
  const program = path.join(directory, "program");
  writeFileSync(path.join(directory, "main.c"), source);
  await runCommand(ctx, toolchain.cc, ["-O2", "-g", "-o", program, "main.c"], { cwd: directory });
  for (const [tool = "", ...args] of commands) await runCommand(ctx, tool, [...args, program]);
  return check(ctx, { path: program });
}

test("a program of the toolchain runs at level base, and there is nothing to say", async () => {
  const report = await checkBuilt(hello);
  expect(report).toMatchObject({
    form: "static",
    level: "base",
    verdict: "runs at level base",
    findings: [],
  });
});

test("stripped, it is still known that its start object's instructions are for ring 3", async () => {
  const report = await checkBuilt(hello, ["strip"]);
  expect(report).toMatchObject({
    level: "base",
    verdict: "runs at level base",
    findings: [{ rule: "stripped" }],
  });
});

test("without its note it runs in ring 3", async () => {
  const report = await checkBuilt(hello, ["objcopy", "-R", ".note.ukl"]);
  expect(report).toMatchObject({ level: "linux", findings: [{ rule: "note-lost", severity: "slower" }] });
});

test("a system call that the assembler did not see is slower, and has a line", async () => {
  const source =
    'int main(void) {\n  __asm__ volatile(".byte 0x0f, 0x05" :: "a"(39) : "rcx", "r11");\n  return 0;\n}\n';
  const report = await checkBuilt(source);
  expect(report.verdict).toBe("runs at level base: 1 system call by instruction instead of by call");
  expect(report.findings[0]?.sites).toMatchObject([{ instruction: "syscall", line: "main.c:2" }]);
});

describe("red-zone", () => {
  test("data where a call puts its return address is a blocker", async () => {
    const { findings } = await checkBuilt(belowStack(8));
    expect(findings).toMatchObject([
      { rule: "red-zone", severity: "blocker", sites: [{ instruction: "call __ukl_syscall" }] },
    ]);
    expect(findings[0]?.sites[0]?.place).toMatch(/^subject\+/);
  });

  test("data below it is safe", async () => {
    expect((await checkBuilt(belowStack(16))).findings).toEqual([]);
  });
});

test("a call is known by the program's own table: what it asks for is judged at level base, too", async () => {
  const source = `#include <sys/ptrace.h>\nint main(void) { return ptrace(PTRACE_TRACEME, 0, 0, 0); }`;
  const { level, findings } = await checkBuilt(source);
  expect({ level, rules: findings.map(({ rule }) => rule) }).toEqual({ level: "base", rules: ["debugger"] });
});

test("a source file is built first, as ukl run does", async () => {
  const file = path.join(useDirectory(), "subject.c");
  writeFileSync(file, 'int main(void) {\n  __asm__("cli");\n}\n');
  const report = await check(ctx, { path: file });
  expect(report).toMatchObject({ path: file, form: "static", level: undefined });
  expect(report.program).toMatch(/program\.debug$/);
  expect(report.findings).toMatchObject([
    { rule: "interrupts-off", sites: [{ instruction: "cli", line: "subject.c:2" }] },
  ]);
});

test("so is a directory with a Makefile", async () => {
  const directory = path.join(useDirectory(), "kv");
  mkdirSync(directory);
  writeFileSync(path.join(directory, "Makefile"), "kv: kv.c\n\t$(CC) $(CFLAGS) -o $@ kv.c\n");
  writeFileSync(path.join(directory, "kv.c"), hello);
  const report = await check(ctx, { path: directory });
  expect(report).toMatchObject({ path: directory, form: "static", verdict: "runs at level base" });
});
