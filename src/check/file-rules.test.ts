// SPDX-License-Identifier: Apache-2.0
/** For every rule about files one that it must flag, and one that it must not. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CheckLab, findingsOf, type Sample } from "../../test/check-lab.js";
import { addUklNote } from "../elf/ukl-note.js";
import { fileRules } from "./file-rules.js";
import type { RuleId } from "./rules.js";

let lab: CheckLab;
beforeAll(async () => {
  lab = await CheckLab.create();
});
afterAll(() => lab[Symbol.asyncDispose]());

const main = "int main(void) { return 0; }";
const start = "void _start(void) { for (;;); }";
const bare = ["-static", "-nostdlib"];
/** What our assembler adds: here enough of it to be taken for a program of our toolchain. */
const called = (note: string): string => `
  ${note}
  __asm__(".globl __ukl_syscall\\n__ukl_syscall: ret\\n"
          ".globl _start\\n.type _start, @function\\n_start: .Lsite: call __ukl_syscall\\njmp _start\\n.size _start, . - _start\\n"
          ".section .ukl.syscall_sites, \\"a\\"\\n.balign 4\\n.long .Lsite - .\\n.text\\n");`;
const noteSection = `__asm__(".section .note.ukl, \\"a\\", @note\\n.long 4, 28, 1\\n.asciz \\"UKL\\"\\n.long 1, 0\\n.skip 20\\n.text\\n");`;

const cases: readonly (readonly [rule: RuleId, bad: Sample, good: Sample])[] = [
  [
    "kernel-addresses",
    { c: start, flags: [...bare, "-fno-pic", "-mcmodel=kernel", "-Wl,-Ttext-segment=0xffffffff82000000"] },
    { c: start, flags: bare },
  ],
  [
    "kernel-module",
    { c: `${main} __attribute__((section(".modinfo"))) char license[] = "license=GPL";` },
    { c: `${main} char license[] = "license=GPL";` },
  ],
  [
    "another-system",
    { c: main, finish: [["elfedit", "--output-osabi=FreeBSD", "FILE"]] },
    { c: main, finish: [["elfedit", "--output-osabi=GNU", "FILE"]] },
  ],
  [
    "no-room-for-note",
    {
      c: start,
      flags: [...bare, "-Wl,--build-id=none", "-Wl,-z,execstack"],
      finish: [["objcopy", "-R", ".note.gnu.property", "FILE"]],
    },
    { c: start, flags: [...bare, "-Wl,--build-id=sha1"] },
  ],
  [
    "dynamic",
    { c: start, flags: ["-nostdlib", "-pie", "-fPIE"] },
    { c: start, flags: ["-nostdlib", "-static-pie"] },
  ],
  ["note-lost", { c: called(""), flags: bare }, { c: called(noteSection), flags: bare }],
  [
    "out-of-reach",
    { c: called(noteSection), flags: [...bare, "-Wl,-Ttext-segment=0x2000000"] },
    { c: called(noteSection), flags: [...bare, "-Wl,-Ttext-segment=0x800000"] },
  ],
  [
    "stripped",
    { c: start, flags: [...bare, "-s"] },
    { c: start, flags: bare, finish: [["strip", "--strip-debug", "FILE"]] },
  ],
  [
    "executable-stack",
    { c: start, flags: [...bare, "-z", "execstack"] },
    { c: start, flags: [...bare, "-z", "noexecstack"] },
  ],
  [
    "executable-stack",
    { c: `${main} __asm__(".section .note.GNU-stack, \\"x\\", @progbits");` },
    { c: main },
  ],
  ["writable-code", { c: start, flags: [...bare, "-Wl,-N"] }, { c: start, flags: bare }],
  [
    "control-flow-enforcement",
    { c: start, flags: [...bare, "-fcf-protection"] },
    { c: start, flags: [...bare, "-fcf-protection=none"] },
  ],
  [
    "vsyscall-pointer",
    { c: `${main} long (*time_page)(long *) = (void *)0xffffffffff600400;` },
    { c: `${main} long (*other_page)(long *) = (void *)0xffffffffff700400;` },
  ],
  [
    "link-time-code",
    { c: main, flags: ["-c", "-flto", "-fno-fat-lto-objects"] },
    { c: main, flags: ["-c", "-flto", "-ffat-lto-objects"] },
  ],
];

test.each(cases)("%s", async (rule, bad, good) => {
  const { severity } = fileRules.find(({ id }) => id === rule) ?? {};
  expect(findingsOf(await lab.check(bad), rule)).toMatchObject([{ severity, guess: false }]);
  expect(findingsOf(await lab.check(good), rule)).toEqual([]);
});

test("missing-library: libraries are looked for where the program says", async () => {
  const library = await lab.make({
    c: "int answer(void) { return 42; }",
    flags: ["-shared", "-fPIC", "-Wl,-soname,libanswer.so"],
  });
  await mkdir(lab.file("lib"));
  lab.run("mv", library, "lib/libanswer.so");
  const c = "int answer(void); int main(void) { return answer(); }";
  const flags = ["-Llib", "-l:libanswer.so"];
  const link = (searchPath: string): Sample => ({
    c,
    flags: [
      "-Wl,--no-as-needed",
      "-Wl,--unresolved-symbols=ignore-all",
      ...flags,
      `-Wl,-rpath,${searchPath}`,
    ],
  });
  const found = await lab.check(link("$ORIGIN/lib"));
  expect(findingsOf(found, "missing-library")).toEqual([]);
  expect(findingsOf(found, "dynamic")[0]?.message).toMatch(/libanswer\.so.*libc\.so\.6/);
  const [missing] = findingsOf(await lab.check(link("/nowhere")), "missing-library");
  expect(missing?.message).toBe("Shared libraries that are not on this machine: libanswer.so");
});

test("a blocker in a library is one of the program", async () => {
  const library = await lab.make({ asm: "wrgsbase %rax", flags: ["-shared", "-Wl,-soname,libgs.so"] });
  lab.run("mv", library, "libgs.so");
  const program = await lab.check({
    c: main,
    flags: ["-Wl,--no-as-needed", "-L.", "-l:libgs.so", "-Wl,-rpath,$ORIGIN"],
  });
  expect(findingsOf(program, "gs-base")).toMatchObject([
    { severity: "blocker", sites: [{ object: "libgs.so", place: "subject" }] },
  ]);
});

describe("archives", () => {
  test("not-code: members that are no objects", async () => {
    const object = await lab.make({ c: main });
    const text = await lab.make({ bytes: "hello\n" });
    lab.run("ar", "cr", "mixed.a", object, text);
    lab.run("ar", "cr", "pure.a", object);
    const [finding] = findingsOf(await lab.check(lab.file("mixed.a")), "not-code");
    expect(finding?.message).toContain(text.replace(/.*\//, ""));
    expect(findingsOf(await lab.check(lab.file("pure.a")), "not-code")).toEqual([]);
  });

  test("a finding says which member, also one with a long name", async () => {
    const object = await lab.make({ asm: "mov $39, %eax; syscall" });
    lab.run("cp", object, "a-member-with-a-long-name.o");
    lab.run("ar", "cr", "named.a", "a-member-with-a-long-name.o");
    const [finding] = findingsOf(await lab.check(lab.file("named.a")), "syscall-instruction");
    expect(finding?.sites).toMatchObject([{ object: "a-member-with-a-long-name.o", place: "subject+0x5" }]);
  });
});

describe("other-kernel and missing-system-call", () => {
  /** Laid out as a finished build is; its vmlinux is a real program with the symbols that are asked for. */
  beforeAll(async () => {
    const tree = lab.file("cache/kernel/6.12-ukl-0123456789abcdef/build");
    const generated = `${tree}/arch/x86/include/generated/asm`;
    await mkdir(generated, { recursive: true });
    await mkdir(`${tree}/arch/x86/boot`, { recursive: true });
    await writeFile(`${tree}/arch/x86/boot/bzImage`, "");
    await writeFile(`${generated}/syscalls_64.h`, "__SYSCALL(39, sys_getpid)\n__SYSCALL(321, sys_bpf)\n");
    const vmlinux = await lab.make({
      c: `void ukl_syscall(void) {} void __x64_sys_getpid(void) {} __attribute__((weak)) void __x64_sys_bpf(void) {} ${start}`,
      flags: [
        ...bare,
        "-fno-pic",
        "-mcmodel=kernel",
        "-Wl,-Ttext-segment=0xffffffff81000000",
        "-Wl,--build-id=0x00112233445566778899aabbccddeeff00112233",
      ],
    });
    await writeFile(`${tree}/System.map`, lab.run("nm", "-n", vmlinux));
    lab.run("cp", vmlinux, `${tree}/vmlinux`);
    await writeFile(`${tree}/../manifest.json`, "{}");
  });

  test("a program that was linked against a kernel of the cache runs, any other does not", async () => {
    const program = await lab.make({ c: start, flags: bare });
    const link = async (id: string): Promise<string> => {
      const bytes = addUklNote(await readFile(program), { kernelBuildId: Buffer.from(id, "hex") }, program);
      return lab.make({ bytes });
    };
    const known = await lab.check(await link("00112233445566778899aabbccddeeff00112233"));
    expect(findingsOf(known, "other-kernel")).toEqual([]);
    const other = await lab.check(await link("ff112233445566778899aabbccddeeff00112233"));
    expect(findingsOf(other, "other-kernel")[0]?.message).toContain("ff1122334455");
  });

  test("system calls that the kernel lacks are named, those that it has are not", async () => {
    const call = (number: number): Sample => ({ asm: `mov $${number}, %eax; syscall` });
    expect(findingsOf(await lab.check(call(321)), "missing-system-call")[0]?.message).toMatch(/: bpf$/);
    expect(findingsOf(await lab.check(call(39)), "missing-system-call")).toEqual([]);
  });
});

test("every rule has a case", () => {
  const tried = new Set<RuleId>([
    ...cases.map(([rule]) => rule),
    "missing-library",
    "not-code",
    "other-kernel",
  ]);
  expect(fileRules.filter(({ id }) => !tried.has(id))).toEqual([]);
});
