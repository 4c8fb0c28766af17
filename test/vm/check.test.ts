// SPDX-License-Identifier: Apache-2.0
/**
 * What the rules of `ukl check` say of instructions and calls, against what they do at CPL 0. Those that end the
 * machine (notes/check.md) are not among them.
 */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check } from "../../src/check/check.js";
import type { CheckReport } from "../../src/check/finding.js";
import type { RuleId } from "../../src/check/rules.js";
import { createContext } from "../../src/host/context.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { compileMain } from "../compile-main.js";
import { createScratch, type Scratch } from "./boot.js";
import { runUkl } from "./ukl-command.js";

/** The rule that must find it, the body of a function that sets `result`, and what becomes of it. */
const cases: readonly (readonly [rule: RuleId, body: string, outcome: RegExp])[] = [
  ["int80", 'asm volatile("int $0x80" : "=a"(result) : "0"(20));', /^signal 11$/],
  ["sysenter", 'asm volatile("sysenter");', /^signal (4|11)$/],
  ["software-interrupt", 'asm volatile("int $0x40");', /^returned 0$/],
  ["stack-segment", 'asm volatile("mov %0, %%ss" :: "r"(0x2b));', /^signal 11$/],
  [
    "interrupts-off",
    'asm volatile("push $2; popf; pushf; pop %0; sti" : "=r"(result)); result &= 0x200;',
    /^returned 0$/,
  ],
  [
    "flags-from-stack",
    'volatile char bytes[8] = { 0 }; asm volatile("pushf; orl $0x40000, (%%rsp); popf; mov 1(%0), %%eax; pushf; andl $~0x40000, (%%rsp); popf" :: "r"(bytes) : "rax", "memory");',
    /^returned 0$/,
  ],
  [
    "far-transfer",
    'asm volatile("push $0x33; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" ::: "rax");',
    /^signal 11$/,
  ],
  [
    "far-return",
    'asm volatile("mov %%cs, %%eax; push %%rax; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" ::: "rax");',
    /^returned 0$/,
  ],
  ["selector-read", 'asm volatile("mov %%cs, %0" : "=r"(result));', /^returned 16$/],
  ["privileged", 'asm volatile("clts");', /^returned 0$/],
  ["privileged-read", 'asm volatile("mov %%cr0, %0" : "=r"(result)); result &= 1;', /^returned 1$/],
  ["halt", 'asm volatile("nop; nop; nop; nop; nop; hlt; nop");', /^returned 0$/],
  ["port-io", 'asm volatile("inb $0x61, %%al" : "=a"(result)); result = 0;', /^returned 0$/],
  ["gs-memory", 'asm volatile("mov %%gs:0, %0" : "=r"(result)); result = 0;', /^returned 0$/],
  [
    "system-table-read",
    'char table[10]; asm volatile("sgdt %0" : "=m"(table)); result = table[9] < 0;',
    /^returned 1$/,
  ],
  ["enclave", 'asm volatile("enclu" :: "a"(0));', /^signal (4|11)$/],
  ["vsyscall", "result = ((long (*)(long *))0xffffffffff600400)(0);", /^signal 11$/],
  ["protection-key-register", 'asm volatile("wrpkru" :: "a"(0), "c"(0), "d"(0));', /^signal 4$/],
  ["set-gs", "result = syscall(SYS_arch_prctl, ARCH_SET_GS, 4096) ? errno : 0;", /^returned 1$/],
  ["segment-table", "result = syscall(SYS_modify_ldt, 0, 0, 0) ? errno : 0;", /^returned 38$/],
  ["sandbox", "result = prctl(PR_SET_SECCOMP, 1) ? errno : 0;", /^returned 22$/],
  ["port-permission", "result = iopl(3) ? errno : 0;", /^returned 38$/],
  ["protection-keys", "result = pkey_alloc(0, 0) < 0 ? errno : 0;", /^returned 38$/],
  [
    "instruction-trap",
    'prctl(PR_SET_TSC, PR_TSC_SIGSEGV); asm volatile("rdtsc" ::: "rax", "rdx");',
    /^returned 0$/,
  ],
];

const nameOf = (rule: RuleId): string => `subject_${rule.replaceAll("-", "_")}`;

/** Runs each in a process of its own. */
const source = `
  #define _GNU_SOURCE
  #include <asm/prctl.h>
  #include <errno.h>
  #include <stdio.h>
  #include <sys/io.h>
  #include <sys/mman.h>
  #include <sys/prctl.h>
  #include <sys/syscall.h>
  #include <sys/wait.h>
  #include <unistd.h>
  static long result;
  ${cases.map(([rule, body]) => `void ${nameOf(rule)}(void) { ${body} }`).join("\n")}
  static const struct { const char *name; void (*run)(void); } subjects[] = {
    ${cases.map(([rule]) => `{ "${rule}", ${nameOf(rule)} },`).join("\n")}
  };
  int main(void) {
    setvbuf(stdout, 0, _IONBF, 0);
    for (unsigned i = 0; i < sizeof subjects / sizeof *subjects; i++) {
      int status;
      printf("%s ", subjects[i].name);
      if (!fork()) { subjects[i].run(); printf("returned %ld\\n", result); _exit(0); }
      wait(&status);
      if (WIFSIGNALED(status)) printf("signal %d\\n", WTERMSIG(status));
    }
  }`;

let scratch: Scratch;
let outcomes: ReadonlyMap<string, string>;
let report: CheckReport;

beforeAll(async () => {
  compileMain();
  const ctx = createContext({ assumeYes: process.env["CI"] === "true" });
  await buildKernel(ctx, { ukl: true });
  scratch = createScratch();
  writeFileSync(scratch.path("subjects.c"), source);
  writeFileSync(scratch.path("ukl.config.ts"), "");
  execFileSync("gcc", ["-static", "-O1", "-o", "subjects", "subjects.c"], { cwd: scratch.directory });
  report = await check(ctx, { path: scratch.path("subjects") });
  const { status, stdout } = await runUkl(
    scratch.directory,
    "run",
    "./subjects",
    "--level",
    "compat",
    "--accel",
    "tcg",
    "--timeout",
    "120",
  );
  expect(status).toBe(0);
  outcomes = new Map(
    [...stdout.matchAll(/^(\S+) (\S+ \d+)\r?$/gm)].map(([, name = "", outcome = ""]) => [name, outcome]),
  );
});
afterAll(() => scratch[Symbol.dispose]());

test.each(cases)("%s: %s", (rule, _body, outcome) => {
  const sites = report.findings
    .filter((finding) => finding.rule === rule)
    .flatMap((finding) => finding.sites);
  expect(sites.map(({ place }) => place.replace(/\+.*/, ""))).toContain(nameOf(rule));
  expect(outcomes.get(rule)).toMatch(outcome);
});
