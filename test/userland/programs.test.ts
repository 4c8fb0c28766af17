// SPDX-License-Identifier: Apache-2.0
/**
 * The C library and the compilers, in ring 3: every program of programs/ is built with the toolchain and
 * run on this host as an ordinary process. The guest suite runs the same programs in ring 0.
 */

import { beforeAll, describe, expect, test } from "vitest";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";
import { findRawSystemCalls } from "../../src/toolchain/raw-system-calls.js";
import { buildProgram, programs } from "./build-program.js";
import { ctx, run, useDirectory, useToolchain } from "./fixture.js";

let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await useToolchain();
});

/** Functions of the distribution's libgomp, which was not assembled by us. */
const prebuilt = /^(gomp_|GOMP_|omp_|futex_wait|ialias)/;

describe("in ring 3", () => {
  test.each(programs)("%s", async (source) => {
    const program = await buildProgram(ctx, toolchain, source, useDirectory());
    const { stdout, exitCode } = await run(program);
    const lines = stdout.trimEnd().split("\n");
    const summary = lines.pop();
    expect(lines.filter((line) => !line.startsWith("ok "))).toEqual([]);
    expect(summary).toBe(`${lines.length} checks, 0 failed at CPL 3`);
    expect(exitCode).toBe(0);
    const raw = (await findRawSystemCalls(ctx, [program])).filter((name) => !prebuilt.test(name));
    expect(new Set(raw)).toEqual(new Set(["ukl_syscall_by_instruction"]));
  });

  test("a failed check is seen", async () => {
    const program = await buildProgram(ctx, toolchain, "planted-failure.c", useDirectory());
    const { stdout, exitCode } = await run(program);
    expect(stdout).toContain("FAILED one is two");
    expect(stdout).toContain("2 checks, 1 failed at CPL 3");
    expect(exitCode).toBe(1);
  });
});
