// SPDX-License-Identifier: Apache-2.0
/** The check as a whole: verdicts, what is no x86-64 code, what cannot be checked, and how fast it is. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CheckLab, findingsOf, type Sample } from "../../test/check-lab.js";
import { formatReport } from "../cli/format-findings.js";
import { createContext } from "../host/context.js";
import { check } from "./check.js";
import type { RuleId } from "./rules.js";

let lab: CheckLab;
beforeAll(async () => {
  lab = await CheckLab.create();
});
afterAll(() => lab[Symbol.asyncDispose]());

const main = '#include <stdio.h>\nint main(void) {\n  return puts("hello");\n}\n';

describe("verdicts", () => {
  test("an ordinary static program: compat, and all of its system calls as objdump counts them", async () => {
    const file = await lab.make({ c: main, flags: ["-static", "-O2"] });
    const report = await lab.check(file);
    const count = lab.run("objdump", "-d", "--no-show-raw-insn", file).match(/\tsyscall\s*$/gm)?.length ?? 0;
    expect(count).toBeGreaterThan(50);
    expect(report).toMatchObject({ form: "static", level: "compat" });
    expect(report.verdict).toBe(
      `runs at level compat: ${count} system calls by instruction instead of by call`,
    );
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]?.sites).toHaveLength(count);
  });

  test("stripped of its symbols it is the same, thanks to the unwinder's tables", async () => {
    const named = await lab.check({ c: main, flags: ["-static"] });
    const stripped = await lab.check({ c: main, flags: ["-static", "-s"] });
    expect(stripped.verdict).toBe(named.verdict);
    expect(stripped.findings.map(({ rule }) => rule)).toEqual(["syscall-instruction", "stripped"]);
  });

  test.each([
    ["static-pie", { c: main, flags: ["-static-pie"] }, /^runs at level compat: \d+ system calls/],
    ["dynamic", { c: main, flags: [] }, /^runs at level compat: a dynamic program: /],
    ["object", { c: main }, /^can be linked into a program of level base$/],
    [
      "object",
      { asm: "cli" },
      /^cannot be linked into a program that runs: 1 instruction switching interrupts off/,
    ],
    [
      "library",
      { c: "int f(void) { return 1; }", flags: ["-shared", "-fPIC"] },
      /^can be loaded by a dynamic program of level compat$/,
    ],
  ] as const)("%s: %j", async (form, sample, verdict) => {
    const report = await lab.check(sample as Sample);
    expect(report.form).toBe(form);
    expect(report.verdict).toMatch(verdict);
  });

  test("of a script the verdict is its interpreter's", async () => {
    const report = await lab.check({ bytes: "#!/bin/sh\nexit 0\n" });
    expect(report).toMatchObject({ program: "/bin/sh", form: "dynamic", level: "compat" });
    await expect(lab.check({ bytes: "#!/usr/bin/env -S ukl-no-such -u\n" })).rejects.toMatchObject({
      code: "APP_INVALID",
      message: expect.stringContaining('its interpreter "ukl-no-such" is not on this machine'),
    });
  });

  test("nothing in the C library of this machine is a blocker by mistake", async () => {
    for (const archive of ["libc.a", "libgcc.a"]) {
      const file = lab.run("gcc", `-print-file-name=${archive}`).trim();
      const report = await lab.check(file);
      expect(report.findings.filter(({ severity }) => severity === "blocker")).toEqual([]);
    }
  });
});

describe("what is not for x86-64 Linux is said by name", () => {
  const header = (fields: Readonly<Record<number, number>>): Uint8Array => {
    const bytes = new Uint8Array(64);
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    for (const [offset, value] of Object.entries(fields)) bytes[Number(offset)] = value;
    return bytes;
  };

  test.each<[RuleId, Sample, string]>([
    ["foreign-format", { bytes: "MZ\u0090" }, "It is a Windows program"],
    ["another-machine", { bytes: header({ 18: 183 }) }, "It is for another processor (AArch64)"],
    ["32-bit", { asm: "nop", flags: ["-c", "-m32"] }, "It is a 32-bit program (i386)"],
    ["32-bit", { asm: "nop", flags: ["-c", "-mx32"] }, "It is a 32-bit program (x32)"],
  ])("%s: %j", async (rule, sample, message) => {
    const report = await lab.check(sample);
    expect(report).toMatchObject({
      form: "other",
      level: undefined,
      findings: [{ rule, message, severity: "blocker" }],
    });
    expect(report.verdict).toMatch(/^cannot run: it is /);
  });
});

describe("what cannot be checked is an error", () => {
  test.each([
    ["nothing", "", "CHECK_UNKNOWN_FORMAT"],
    ["text", "hello\n", "CHECK_UNKNOWN_FORMAT"],
    ["the start of an ELF file", "\u007fELF", "ELF_INVALID"],
    ["a script for the linker", "/* GNU ld script\n*/\nGROUP ( libm-2.36.a )\n", "CHECK_UNKNOWN_FORMAT"],
    ["a broken archive", `!<arch>\n${"x".repeat(80)}`, "ELF_INVALID"],
    ["a thin archive", `!<thin>\n${"a.o/".padEnd(48)}${"12".padEnd(10)}\`\n`, "CHECK_UNKNOWN_FORMAT"],
  ])("%s", async (_name, bytes, code) => {
    await expect(lab.check({ bytes })).rejects.toMatchObject({ code });
  });

  test("a file that is not there, and a directory with nothing to build", async () => {
    await expect(lab.check(lab.file("nowhere"))).rejects.toMatchObject({ code: "APP_NOT_FOUND" });
    await mkdir(lab.file("empty"));
    await expect(lab.check(lab.file("empty"))).rejects.toMatchObject({
      code: "APP_INVALID",
      message: expect.stringMatching(/^Cannot check ".*empty": there is nothing to build in it/),
    });
  });

  test("a program that is cut off or overwritten anywhere never is a bug", async () => {
    const program = await readFile(
      await lab.make({ c: "void _start(void) {}", flags: ["-nostdlib", "-fPIE", "-pie", "-Wl,-E"] }),
    );
    const broken = await lab.make({ bytes: "" });
    for (let at = 0; at < program.length; at += 509) {
      const damaged = Buffer.from(program);
      damaged.fill(0xff, at, at + 8);
      for (const bytes of [program.subarray(0, at), damaged]) {
        await writeFile(broken, bytes);
        await lab.check(broken).catch((error: unknown) => expect(error).toHaveProperty("code"));
      }
    }
  }, 60_000);
});

test("the report says the verdict first, then the worst, with lines and advice", async () => {
  const c = 'int main(void) {\n  __asm__ volatile("cli");\n  __asm__ volatile("sti");\n  return 0;\n}\n';
  const file = await lab.make({ c, flags: ["-static", "-g"] });
  const report = await lab.check(file);
  const [verdict, , title, finding, site, advice] = formatReport(report).split("\n");
  expect(verdict).toBe(
    `${file}: cannot run: 1 instruction switching interrupts off: timers stop, the CPU is never shared`,
  );
  expect(title).toMatch(/^Blockers/);
  expect(finding).toContain("[interrupts-off]");
  expect(site?.trim().split(/ {2,}/)).toEqual([
    expect.stringMatching(/^main\+0x/),
    "cli",
    expect.stringMatching(/\.c:2$/),
  ]);
  expect(advice).toMatch(/→ In an ordinary process cli is a SIGSEGV/);
  expect(report.findings.map(({ severity }) => severity)).toEqual(["blocker", "slower", "note"]);
});

test("is interrupted between objects", async () => {
  const file = await lab.make({ asm: "nop" });
  const reason = new Error("stop");
  const ctx = createContext({ cacheDir: lab.file("cache"), signal: AbortSignal.abort(reason) });
  await expect(check(ctx, { path: file })).rejects.toBe(reason);
});

test("20 MB take no more than 5 seconds", async () => {
  // The compiler proper, which has some 30 MB, and eight libraries.
  const compiler = lab.run("gcc", "-print-prog-name=cc1").trim();
  const sizeMb = (await readFile(compiler)).length / 1_000_000;
  expect(sizeMb).toBeGreaterThan(20);
  const before = process.cpuUsage();
  const report = await lab.check(compiler);
  // Not by the clock: other tests run at the same time.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000 / sizeMb).toBeLessThan(5_000 / 20);
  expect(report.instructions).toBeGreaterThan(3_000_000);
  expect(findingsOf(report, "syscall-instruction")).toEqual([]);
}, 60_000);
