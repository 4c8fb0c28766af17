// SPDX-License-Identifier: Apache-2.0
/** For every rule about instructions something that it must flag, and its neighbour that it must not. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CheckLab, findingsOf } from "../../test/check-lab.js";
import { instructionRules } from "./instruction-rules.js";
import type { RuleId } from "./rules.js";

let lab: CheckLab;
beforeAll(async () => {
  lab = await CheckLab.create();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** What the rule must find, as the report shows it; and code in which it must find nothing. */
const cases: readonly (readonly [rule: RuleId, bad: string, found: string, good: string])[] = [
  // The bytes of syscall, as an immediate.
  ["syscall-instruction", "mov $39, %eax; syscall", "subject+0x5 syscall", "mov $0x050f050f, %eax"],
  ["int80", "mov $20, %eax; int $0x80", "subject+0x5 int $0x80", "int3; mov $0x80cd, %eax"],
  ["sysenter", "sysenter", "subject sysenter", "mov $0x340f, %eax"],
  ["software-interrupt", "int $0x29", "subject int $0x29", "int $0x80; int $3"],
  ["gs-base", "mov %eax, %gs", "subject mov %eax,%gs", "mov %gs, %eax; mov %eax, %fs"],
  ["gs-base", "wrgsbase %rax", "subject wrgsbase %rax", "wrfsbase %rax"],
  ["gs-base", "pop %gs", "subject pop %gs", "pop %fs"],
  ["gs-memory", "mov %gs:0x28, %rax", "subject mov %gs:0x28,%rax", "mov %fs:0x28, %rax"],
  ["gs-memory", "lock incl %gs:8(%rdi)", "subject lock incl %gs:8(%rdi)", ".byte 0x65, 0x0f, 0x1f, 0x00"],
  ["stack-segment", "mov %eax, %ss", "subject mov %eax,%ss", "mov %ss, %eax; mov %eax, %ds"],
  ["interrupts-off", "cli", "subject cli", "cld; clc"],
  ["interrupts-off", "push $2; popf", "subject+0x2 popf", "pushf; popf"],
  ["flags-from-stack", "pushf; orl $0x40000, (%rsp); popf", "subject+0x8 popf", "push $2; popf"],
  [
    "far-transfer",
    "push $0x33; push %rax; lretq",
    "subject+0x3 lretq",
    "mov %cs, %ecx; push %rcx; push %rax; lretq",
  ],
  ["far-transfer", "ljmp *(%rax)", "subject ljmpl *(%rax)", "jmp *(%rax)"],
  ["far-return", "mov %cs, %ecx; push %rcx; push %rax; lretq", "subject+0x4 lretq", "ret $16"],
  ["far-return", "iretq", "subject iretq", "ret"],
  ["selector-read", "mov %cs, %eax", "subject mov %cs,%eax", "mov %fs, %eax"],
  ["privileged", "wrmsr", "subject wrmsr", "rdtsc; xgetbv"],
  ["privileged", "mov %rax, %cr3", "subject mov %rax,%cr3", "mov %cr3, %rax"],
  ["privileged-read", "rdmsr", "subject rdmsr", "rdtscp"],
  ["privileged-read", "rdgsbase %rax", "subject rdgsbase %rax", "rdfsbase %rax"],
  ["halt", "nop; hlt", "subject+0x1 hlt", "call exit; hlt"],
  ["halt", "nop; hlt", "subject+0x1 hlt", "1: hlt; jmp 1b"],
  ["port-io", "out %al, %dx", "subject out %al,%dx", "movsb"],
  ["system-table-read", "sgdt (%rdi)", "subject sgdt (%rdi)", "cpuid"],
  ["enclave", "enclu", "subject enclu", "nop"],
  ["protection-key-register", "wrpkru", "subject wrpkru", "rdpid %rax"],
  [
    "vsyscall",
    "mov $0xffffffffff600400, %rax; call *%rax",
    "subject mov $0xffffffffff600400,%rax",
    "mov $0xffffffffff700400, %rax",
  ],
  [
    "stack-pointer-arithmetic",
    "imul %rax, %rsp",
    "subject imul %rax,%rsp",
    "sub %rax, %rsp; and $-16, %rsp; shr $4, %rsp; shl $4, %rsp; mov %rdi, %rsp",
  ],
  ["stack-pointer-arithmetic", "shl $4, %rsp", "subject shl $4,%rsp", "shl $4, %rbp"],
  [
    "stack-pointer-arithmetic",
    "mov $-8, %rsp",
    "subject mov $0xfffffffffffffff8,%rsp",
    "movabs $0x7fff00000000, %rsp; xor %esp, %esp",
  ],
];

test.each(cases)("%s: %s", async (rule, bad, found, good) => {
  const [flagged, ...others] = findingsOf(await lab.check({ asm: bad }), rule);
  expect(others).toEqual([]);
  const { severity } = instructionRules.find(({ id }) => id === rule) ?? {};
  expect(flagged).toMatchObject({ severity, guess: false });
  expect(flagged?.sites.map(({ place, instruction }) => `${place} ${instruction}`)).toEqual([found]);
  expect(findingsOf(await lab.check({ asm: good }), rule)).toEqual([]);
});

test("every rule has a case", () => {
  const tried = new Set<RuleId>(cases.map(([rule]) => rule));
  expect(instructionRules.filter(({ id }) => !tried.has(id))).toEqual([]);
});

test("the stack protector of -mcmodel=kernel is found by what it does", async () => {
  const c = "void use(char *); void subject(void) { char text[64]; use(text); }";
  const flags = ["-c", "-O2", "-fstack-protector-all", "-fno-pic"];
  const kernel = await lab.check({ c, flags: [...flags, "-mcmodel=kernel"] });
  expect(kernel).toMatchObject({ level: undefined, form: "object" });
  expect(findingsOf(kernel, "gs-memory")[0]?.sites.length).toBeGreaterThan(1);
  expect(await lab.check({ c, flags })).toMatchObject({ level: "base", findings: [] });
});

describe("data between code", () => {
  /** Prime bytes of cryptographic tables and text: cli, sti, out, int, mov to GS, far calls. */
  const table = `.rept 20; .byte 0xfa,0xfb,0xee,0xcd,0x80,0x8e,0xe8,0xff,0x18,0x06; .ascii "some text"; .endr`;

  test("is not taken for code when it lies behind a function, in it, or at a label", async () => {
    for (const asm of [
      `jmp 1f; ${table}; 1: nop`,
      `ret; .size subject, . - subject; ${table}`,
      `ret; .size subject, . - subject; K256: ${table}`,
      `ret; .size subject, . - subject; .type K256, @object; K256: cli; hlt; .size K256, . - K256`,
    ])
      expect(await lab.check({ asm }), asm).toMatchObject({ level: "base", findings: [] });
  });

  test("may be code where it looks like it: that is said, and is no blocker", async () => {
    const asm = `ret; .size subject, . - subject; mov $20, %eax; int $0x80; ret`;
    const { verdict, findings } = await lab.check({ asm });
    expect(verdict).toContain("level base");
    expect(findings).toMatchObject([{ rule: "int80", severity: "note", guess: true }]);
    expect(findings[0]?.message).toMatch(/^Perhaps: /);
  });

  test("does not hide the code around it", async () => {
    const asm = `jmp 1f; ${table}; 1: mov $20, %eax; int $0x80`;
    expect(findingsOf(await lab.check({ asm }), "int80")).toMatchObject([{ guess: false }]);
  });

  test("a function without a type or size is read from its label", async () => {
    const asm = "ret; .size subject, . - subject; .globl bare; bare: mov $20, %eax; int $0x80; ret";
    expect(findingsOf(await lab.check({ asm }), "int80")).toMatchObject([
      { severity: "blocker", sites: [{ place: "bare+0x5" }] },
    ]);
  });
});

test("what code falls into by a table of jumps is code", async () => {
  const asm =
    "jmp *table(,%rdi,8); mov $20, %eax; int $0x80; ret; .section .rodata; table: .quad subject; .text";
  expect(findingsOf(await lab.check({ asm, flags: ["-c"] }), "int80")).toMatchObject([{ guess: false }]);
});
