// SPDX-License-Identifier: Apache-2.0
/**
 * The C library and the compilers, in ring 3: every program of programs/ is built with the toolchain and
 * run on this host as an ordinary process. The guest suite runs the same programs in ring 0.
 */

import { readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";
import { runCommand } from "../../src/host/run-command.js";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";
import { findRawSystemCalls } from "../../src/toolchain/raw-system-calls.js";
import { ctx, run, useDirectory, useToolchain } from "./fixture.js";

const directory = packagePath("test", "userland", "programs");
const programs = readdirSync(directory).filter(
  (name) => /\.(c|cc)$/.test(name) && !name.startsWith("planted-"),
);

let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await useToolchain();
});

async function build(source: string): Promise<string> {
  const output = path.join(useDirectory(), path.parse(source).name);
  const compiler = source.endsWith(".cc") ? toolchain.cxx : toolchain.cc;
  const flags = ["-O2", "-Wall", "-Wno-infinite-recursion", "-Wno-array-bounds", "-D_FORTIFY_SOURCE=2"];
  await runCommand(ctx, compiler, [...flags, "-o", output, path.join(directory, source), "-lm"]);
  return output;
}

describe("in ring 3", () => {
  test.each(programs)("%s", async (source) => {
    const program = await build(source);
    const { stdout, exitCode } = await run(program);
    const lines = stdout.trimEnd().split("\n");
    const summary = lines.pop();
    expect(lines.filter((line) => !line.startsWith("ok "))).toEqual([]);
    expect(summary).toBe(`${lines.length} checks, 0 failed`);
    expect(exitCode).toBe(0);
    expect(new Set(await findRawSystemCalls(ctx, [program]))).toEqual(
      new Set(["ukl_syscall_by_instruction"]),
    );
  });

  test("a failed check is seen", async () => {
    const { stdout, exitCode } = await run(await build("planted-failure.c"));
    expect(stdout).toContain("FAILED one is two");
    expect(stdout).toContain("2 checks, 1 failed");
    expect(exitCode).toBe(1);
  });
});
