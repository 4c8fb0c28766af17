// SPDX-License-Identifier: Apache-2.0
/** For every rule about calls a program that it must flag, and one that it must not; in all the forms that a call has. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CheckLab, findingsOf } from "../../test/check-lab.js";
import { callRules } from "./call-rules.js";
import type { RuleId } from "./rules.js";

let lab: CheckLab;
beforeAll(async () => {
  lab = await CheckLab.create();
  // In the place of the C library, which takes long to read.
  const c =
    "long ptrace(void) { return 0; } int prctl(void) { return 0; } long syscall(void) { return 0; } int getppid(void) { return 1; }";
  const library = await lab.make({
    c,
    flags: ["-shared", "-fPIC", "-fno-builtin", "-Wl,-soname,libcalls.so"],
  });
  lab.run("mv", library, "libcalls.so");
});
afterAll(() => lab[Symbol.asyncDispose]());

const declarations = `
  #define _GNU_SOURCE
  #include <dlfcn.h>
  #include <sys/prctl.h>
  #include <sys/ptrace.h>
  #include <sys/io.h>
  #include <sys/mman.h>
  #include <unistd.h>
  #include <sys/syscall.h>
  #include <asm/prctl.h>
  int arch_prctl(int, unsigned long);
`;

const cases: readonly (readonly [rule: RuleId, bad: string, good: string])[] = [
  ["set-gs", "syscall(SYS_arch_prctl, ARCH_SET_GS, 4096)", "syscall(SYS_arch_prctl, ARCH_SET_FS, 4096)"],
  ["segment-table", "syscall(SYS_modify_ldt, 0, 0, 0)", "syscall(SYS_getpid)"],
  ["sandbox", "prctl(PR_SET_SECCOMP, 1)", "prctl(PR_SET_NAME, name)"],
  ["sandbox", "syscall(SYS_landlock_restrict_self, 3, 0)", "syscall(SYS_close, 3, 0)"],
  ["port-permission", "iopl(3)", "usleep(3)"],
  ["debugger", "ptrace(PTRACE_TRACEME, 0, 0, 0)", "getppid()"],
  ["run-time-libraries", 'dlopen("libx.so", RTLD_NOW) != 0', 'dlsym(0, "x") != 0'],
  ["protection-keys", "pkey_alloc(0, 0)", "mprotect(name, 1, 0)"],
  ["instruction-trap", "prctl(PR_SET_TSC, PR_TSC_SIGSEGV)", "prctl(PR_GET_TSC, name)"],
  ["hardware-counters", "syscall(SYS_perf_event_open, 0, 0, -1, -1, 0)", "syscall(SYS_gettid)"],
];

const source = (call: string): string => `${declarations} char name[16]; int main(void) { return ${call}; }`;

async function expectFound(rule: RuleId, bad: string, good: string, flags: readonly string[]): Promise<void> {
  const [flagged] = findingsOf(await lab.check({ c: source(bad), flags }), rule);
  const { severity } = callRules.find(({ id }) => id === rule) ?? {};
  expect(flagged).toMatchObject({ severity, guess: false });
  expect(flagged?.sites.map(({ place }) => place.replace(/\+.*/, ""))).toContain("main");
  expect(findingsOf(await lab.check({ c: source(good), flags }), rule)).toEqual([]);
}

test.each(cases)("%s: %s", async (rule, bad, good) => {
  await expectFound(rule, bad, good, ["-c", "-O2"]);
});

const dynamic = [
  "-nostdlib",
  "-e",
  "main",
  "-Wl,--no-as-needed",
  "-L.",
  "-l:libcalls.so",
  "-Wl,-rpath,$ORIGIN",
];

/** By its address, by relocation, through a stub, through a slot; with an argument to be found, and without. */
describe.each([
  ["an object with -fPIC -fno-plt", ["-c", "-O2", "-fPIC", "-fno-plt"]],
  ["a static program", ["-static", "-O2"]],
  ["a dynamic program", ["-O2", ...dynamic]],
  ["a dynamic program with stubs for IBT", ["-O2", "-fcf-protection", "-Wl,-z,ibtplt", ...dynamic]],
  ["a dynamic program without stubs", ["-O2", "-fno-plt", ...dynamic]],
])("%s", (_name, flags) => {
  test.each(cases.filter(([rule]) => rule === "sandbox" || rule === "debugger"))(
    "%s: %s",
    async (rule, bad, good) => {
      await expectFound(rule, bad, good, flags);
    },
  );
});

test("every rule has a case", () => {
  const tried = new Set<RuleId>(cases.map(([rule]) => rule));
  expect(callRules.filter(({ id }) => !tried.has(id))).toEqual([]);
});

test("a system call's number and argument are read from the registers", async () => {
  const call = (operation: string): string =>
    `mov $${operation}, %edi; xor %esi, %esi; mov $158, %eax; syscall`;
  expect(findingsOf(await lab.check({ asm: call("0x1001") }), "set-gs")).toHaveLength(1);
  expect(findingsOf(await lab.check({ asm: call("0x1002") }), "set-gs")).toEqual([]);
  const unknown = `mov $0x1001, %edi; mov (%rdx), %edi; mov $158, %eax; syscall`;
  expect(findingsOf(await lab.check({ asm: unknown }), "set-gs")).toEqual([]);
  const otherCall = `mov $0x1001, %edi; call getpid; mov $158, %eax; syscall`;
  expect(findingsOf(await lab.check({ asm: otherCall }), "set-gs")).toEqual([]);
});

test("a function whose address is taken is found without a call", async () => {
  const c = `${declarations} int (*volatile p)(int) = iopl; int main(void) { return p(3); }`;
  expect(findingsOf(await lab.check({ c }), "port-permission")).toMatchObject([{ sites: [] }]);
});

test("an archive that offers a function does not use it", async () => {
  const wrapper = await lab.make({
    asm: "ret; .size subject, . - subject; .globl iopl; .type iopl, @function; iopl: mov $172, %eax; syscall; ret; .size iopl, . - iopl",
  });
  const user = await lab.make({ c: source("iopl(3)") });
  lab.run("ar", "cr", "offers.a", wrapper);
  lab.run("ar", "cr", "uses.a", wrapper, user);
  expect(findingsOf(await lab.check(lab.file("offers.a")), "port-permission")).toEqual([]);
  expect(findingsOf(await lab.check(lab.file("uses.a")), "port-permission")).toHaveLength(1);
});
