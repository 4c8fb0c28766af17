// SPDX-License-Identifier: Apache-2.0
/** Clang as the compiler of the target. */

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { findCallSites } from "../../src/app/bind-program.js";
import { parseElf } from "../../src/elf/parse-elf.js";
import { findUklNote } from "../../src/elf/ukl-note.js";
import { requireTools } from "../../src/host/require-tools.js";
import { type CommandResult, runCommand } from "../../src/host/run-command.js";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";
import { findRawSystemCalls } from "../../src/toolchain/raw-system-calls.js";
import { buildProgram } from "./build-program.js";
import { ctx, run, useDirectory, useToolchain } from "./fixture.js";

let toolchain: Toolchain;
let clang: string;
beforeAll(async () => {
  await requireTools(ctx, ["clang"]);
  toolchain = await useToolchain();
  clang = path.join(toolchain.bin, "x86_64-ukl-linux-gnu-clang");
});

function compile(args: readonly string[], source: string, env = {}): Promise<CommandResult> {
  return runCommand(ctx, clang, args, { input: source, env, allowFailure: true });
}

const callsOnce =
  'int main(void) { long r; __asm__ volatile("syscall" : "=a"(r) : "0"(39) : "rcx", "r11", "memory"); return r < 1; }';

test.each(["cxx.cc", "filesystem.cc", "threads.c"])("builds %s, which passes", async (source) => {
  const compilers = { ...toolchain, cc: clang, cxx: `${clang}++` };
  const program = await buildProgram(ctx, compilers, source, useDirectory());
  const { stdout, exitCode } = await run(program);
  expect(stdout).not.toContain("FAILED");
  expect(stdout).toMatch(/^\d+ checks, 0 failed at CPL 3$/m);
  expect(exitCode).toBe(0);
  expect(new Set(await findRawSystemCalls(ctx, [program]))).toEqual(new Set(["ukl_syscall_by_instruction"]));
});

describe("a program", () => {
  test.each<[string, ...string[]]>([
    ["plainly built"],
    ["asked for a PIE", "-fPIE", "-pie"],
    ["asked for a static PIE", "-static-pie", "-fPIC", "-rdynamic"],
    ["with Clang's own assembler", "-fintegrated-as"],
    ["optimised as a whole", "-O2", "-flto"],
  ])("%s calls, starts at the start object, and carries the note", async (_name, ...flags) => {
    const program = path.join(useDirectory(), "out");
    expect(await compile([...flags, "-xc", "-", "-o", program], callsOnce)).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    const elf = parseElf(readFileSync(program), program);
    expect(elf.type).toBe("executable");
    expect(findUklNote(elf)).toEqual({ kernelBuildId: undefined });
    expect(findCallSites(elf, program).length).toBeGreaterThan(50);
    expect((await run(program)).exitCode).toBe(0);
  });
});

test("the other steps go on as usual", async () => {
  expect((await compile(["-E", "-xc", "-"], "#include <errno.h>\nint e = EINTR;\n")).stdout).toContain(
    "int e = 4;",
  );
  expect(await compile(["-c", "-Wall", "-Werror", "-xc", "-", "-o", "/dev/null"], callsOnce)).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect((await compile(["--version"], "")).stdout).toContain("clang version");
});

test("the same is refused as by gcc, in the same words", async () => {
  const shared = await compile(["-shared", "-xc", "-", "-o", "/dev/null"], "int x;");
  const byGcc = await runCommand(ctx, toolchain.cc, ["-shared", "-xc", "-", "-o", "/dev/null"], {
    input: "int x;",
    allowFailure: true,
  });
  expect(shared.exitCode).toBe(1);
  expect(shared.stderr.split("error: ")[1]).toBe(byGcc.stderr.split("error: ")[1]);
  const undeclared = await compile(
    ["-xc", "-", "-c", "-o", "/dev/null"],
    "int main(void) { return nobody(); }",
  );
  expect(undeclared.exitCode).toBe(1);
  expect(undeclared.stderr).toContain("implicit declaration of function");
});

test("without Clang it says what to install", async () => {
  const directory = useDirectory();
  const wrapper = path.join(directory, "wrapper");
  writeFileSync(wrapper, readFileSync(clang), { mode: 0o755 });
  const { exitCode, stderr } = await compile(["--version"], "", { PATH: directory });
  expect(exitCode).toBe(127);
  expect(stderr).toContain("apt-get install clang");
});
