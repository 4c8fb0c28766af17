// SPDX-License-Identifier: Apache-2.0
/** The compiler commands, called in the ways that makefiles and configure scripts call them. */

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { findCallSites } from "../../src/app/bind-program.js";
import { parseElf } from "../../src/elf/parse-elf.js";
import { type CommandResult, runCommand } from "../../src/host/run-command.js";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";
import { ctx, disassemble, run, useDirectory, useToolchain } from "./fixture.js";

let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await useToolchain();
});

const printsSeven = `#include <stdio.h>\nint main(void) { return printf("%d\\n", 7) != 2; }\n`;

function cc(args: readonly string[], options: { cwd?: string; input?: string } = {}): Promise<CommandResult> {
  return runCommand(ctx, toolchain.cc, args, { ...options, allowFailure: true });
}

/** A directory with a program in one file, and one in two. */
function useSources(): string {
  const directory = useDirectory();
  writeFileSync(path.join(directory, "seven.c"), printsSeven);
  writeFileSync(path.join(directory, "main.c"), "int part(void);\nint main(void) { return part(); }\n");
  writeFileSync(path.join(directory, "part.c"), "int part(void) { return 0; }\n");
  return directory;
}

describe("links a program that runs", () => {
  test.each<[string, ...string[]]>([
    ["from one file", "seven.c", "-o", "out"],
    ["with the output named first", "-o", "out", "seven.c"],
    ["from two files", "main.c", "part.c", "-o", "out"],
    ["through pipes", "-pipe", "seven.c", "-o", "out"],
    ["asked for a PIE", "-fPIE", "-pie", "seven.c", "-o", "out"],
    ["asked for a static PIE", "-static-pie", "-fPIC", "seven.c", "-o", "out"],
    ["asked for exported symbols", "-rdynamic", "seven.c", "-o", "out"],
    ["with another code model", "-mcmodel=medium", "seven.c", "-o", "out"],
    ["optimised as a whole", "-O2", "-flto", "main.c", "part.c", "-o", "out"],
    ["for a profiler", "-pg", "seven.c", "-o", "out"],
    [
      "with the libraries that became part of libc",
      "seven.c",
      "-lpthread",
      "-lrt",
      "-ldl",
      "-lutil",
      "-lm",
      "-o",
      "out",
    ],
  ])("%s", async (_name, ...args) => {
    const directory = useSources();
    expect(await cc(args, { cwd: directory })).toMatchObject({ exitCode: 0, stderr: "" });
    const program = path.join(directory, "out");
    expect(parseElf(readFileSync(program), program).type).toBe("executable");
    expect((await runCommand(ctx, program, [], { cwd: directory, allowFailure: true })).exitCode).toBe(0);
  });

  test("from standard input", async () => {
    const directory = useDirectory();
    await cc(["-xc", "-", "-o", "out"], { cwd: directory, input: printsSeven });
    expect((await run(path.join(directory, "out"))).stdout).toBe("7\n");
  });

  test("from objects and an archive", async () => {
    const directory = useSources();
    expect(await cc(["-c", "main.c", "part.c"], { cwd: directory })).toMatchObject({ exitCode: 0 });
    await runCommand(
      ctx,
      path.join(toolchain.bin, "x86_64-ukl-linux-gnu-ar"),
      ["rc", "libpart.a", "part.o"],
      { cwd: directory },
    );
    expect(await cc(["main.o", "-L.", "-lpart", "-o", "out"], { cwd: directory })).toMatchObject({
      exitCode: 0,
    });
    expect((await run(path.join(directory, "out"))).exitCode).toBe(0);
  });

  test("with loops that the compiler would like vector functions for", async () => {
    const directory = useDirectory();
    const source =
      "#include <math.h>\nint main(int n, char **p) { double a[64], s = 0; for (int i = 0; i < 64; i++) a[i] = i * n; " +
      "for (int i = 0; i < 64; i++) s += pow(a[i], 0.5) * sin(a[i]); return s > 1e9; }\n";
    writeFileSync(path.join(directory, "loop.c"), source);
    const options = ["-O3", "-ffast-math", "-o", "loop", "loop.c", "-lm"];
    expect(await cc(options, { cwd: directory })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await run(path.join(directory, "loop"))).toMatchObject({ exitCode: 0 });
  });

  test("from objects linked together beforehand", async () => {
    const directory = useSources();
    await cc(["-r", "-o", "all.o", "main.c", "part.c"], { cwd: directory });
    expect(await cc(["all.o", "-o", "out"], { cwd: directory })).toMatchObject({ exitCode: 0 });
    expect((await run(path.join(directory, "out"))).exitCode).toBe(0);
  });
});

describe("every other step goes on as usual", () => {
  test.each<[string, string[], RegExp]>([
    ["-E", ["-E", "seven.c"], /int main\(void\)/],
    ["-S", ["-S", "seven.c", "-o", "-"], /main:/],
    ["-M", ["-M", "seven.c"], /seven\.o: seven\.c .*sysroot\/usr\/include\/stdio\.h/s],
    ["--version", ["--version"], /^gcc/],
    ["-dumpmachine", ["-dumpmachine"], /^x86_64-linux-gnu/],
    ["-print-file-name", ["-print-file-name=libc.a"], /sysroot\/usr\/lib\/libc\.a/],
    ["-print-prog-name", ["-print-prog-name=as"], /\/lib\/as$/m],
  ])("%s", async (_name, args, expected) => {
    const result = await cc(args, { cwd: useSources() });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toMatch(expected);
  });

  test("-v without a file links nothing", async () => {
    const result = await cc(["-v"]);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(/^gcc version/m);
  });

  test("an error is the compiler's own", async () => {
    const result = await cc(["-xc", "-", "-o", "/dev/null"], { input: "int main(void) { return 7 }" });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("<stdin>:1:26: error: expected");
  });
});

describe("what cannot work is refused", () => {
  test("a shared library", async () => {
    const result = await cc(["-shared", "part.c", "-o", "libpart.so"], { cwd: useSources() });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("shared libraries do not exist in Unikernel Linux");
  });

  test("a function that nobody declared, unless the package insists", async () => {
    const source = { input: "int main(void) { return nobody(); }" };
    const refused = await cc(["-xc", "-", "-c", "-o", "/dev/null"], source);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("implicit declaration of function");
    const insisted = await cc(
      ["-Wno-error=implicit-function-declaration", "-xc", "-", "-c", "-o", "/dev/null"],
      source,
    );
    expect(insisted.exitCode).toBe(0);
  });
});

describe("system calls", () => {
  const callsTwice = `
    static inline long call(long number) {
      long result;
      __asm__ volatile("syscall" : "=a"(result) : "0"(number) : "rcx", "r11", "memory");
      return result;
    }
    long unused(void) { return call(102); }
    int main(void) { return call(39) != call(39); }`;

  async function buildCaller(
    ...flags: readonly string[]
  ): Promise<{ program: string; calls: number; sites: number }> {
    const program = path.join(useDirectory(), "out");
    await runCommand(ctx, toolchain.cc, [...flags, "-xc", "-", "-o", program], { input: callsTwice });
    const elf = parseElf(readFileSync(program), program);
    const calls = (await disassemble(program)).match(/call +\w+ <__ukl_syscall>/g) ?? [];
    return { program, calls: calls.length, sites: findCallSites(elf, program).length };
  }

  test.each([
    ["plainly", "-O2"],
    ["optimised as a whole", "-O2", "-flto"],
    ["without what is not used", "-O2", "-ffunction-sections", "-Wl,--gc-sections"],
    ["stripped", "-O2", "-s"],
  ])("the table lists them all: built %s", async (name, ...flags) => {
    const { program, calls, sites } = await buildCaller(...flags);
    expect(sites).toBeGreaterThan(50);
    if (name !== "stripped") expect(sites).toBe(calls);
    expect((await run(program)).exitCode).toBe(0);
  });

  test("an unused function's leave the table with it", async () => {
    const all = await buildCaller("-O2");
    const collected = await buildCaller("-O2", "-ffunction-sections", "-Wl,--gc-sections");
    expect(collected.sites).toBe(all.sites - 1);
  });

  test("inline functions of C++, of which the linker keeps one", async () => {
    const directory = useDirectory();
    const header = `inline long pid() { long r; __asm__ volatile("syscall" : "=a"(r) : "0"(39L) : "rcx", "r11", "memory"); return r; }`;
    writeFileSync(path.join(directory, "a.cc"), `${header}\nlong other() { return pid(); }\n`);
    writeFileSync(
      path.join(directory, "b.cc"),
      `${header}\nlong other();\nint main() { return other() != pid(); }\n`,
    );
    await runCommand(ctx, toolchain.cxx, ["-O0", "a.cc", "b.cc", "-o", "out"], { cwd: directory });
    expect((await run(path.join(directory, "out"))).exitCode).toBe(0);
  });

  test("assembly files", async () => {
    const directory = useDirectory();
    const source = ".globl main\nmain: mov $60, %eax\n mov $9, %edi\n syscall\n";
    writeFileSync(path.join(directory, "plain.s"), source);
    writeFileSync(
      path.join(directory, "preprocessed.S"),
      `#define STATUS 9\n${source.replace("$9", "$STATUS")}`,
    );
    for (const file of ["plain.s", "preprocessed.S"]) {
      await runCommand(ctx, toolchain.cc, [file, "-o", "out"], { cwd: directory });
      expect((await run(path.join(directory, "out"))).exitCode).toBe(9);
      expect(await disassemble(path.join(directory, "out"))).toMatch(
        /<main>:\n.*\n.*\n.*call .*<__ukl_syscall>/,
      );
    }
  });
});
