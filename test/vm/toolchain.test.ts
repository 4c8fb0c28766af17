// SPDX-License-Identifier: Apache-2.0
/** What the toolchain builds, in ring 0: the C library's and C++'s own tests, which test/userland runs in ring 3. */

import { writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { requireTools } from "../../src/host/require-tools.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { buildToolchain, type Toolchain } from "../../src/toolchain/build-toolchain.js";
import { compileMain } from "../compile-main.js";
import { buildProgram } from "../userland/build-program.js";
import { createScratch } from "./boot.js";
import { runUkl } from "./ukl-command.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

let toolchain: Toolchain;
beforeAll(async () => {
  compileMain();
  toolchain = await buildToolchain(ctx);
  await buildKernel(ctx, { ukl: true });
});

/** Builds a program, runs it as people do, and expects that all of its checks pass at CPL 0. */
async function expectToPass(source: string, compilers: Pick<Toolchain, "cc" | "cxx">): Promise<void> {
  using scratch = createScratch();
  writeFileSync(scratch.path("ukl.config.ts"), "");
  const program = await buildProgram(ctx, { ...toolchain, ...compilers }, source, scratch.directory);
  const { status, stdout, stderr } = await runUkl(
    scratch.directory,
    "run",
    program,
    "--cpus",
    "2",
    "--timeout",
    "200",
  );
  expect(stderr).toContain("at level base");
  expect(stdout.split("\n").filter((line) => line.startsWith("FAILED"))).toEqual([]);
  expect(stdout).toMatch(/^\d+ checks, 0 failed at CPL 0$/m);
  expect(status).toBe(0);
}

describe("in ring 0", () => {
  test.each([
    ["C++ with exceptions, threads and static constructors", "cxx.cc"],
    ["std::filesystem", "filesystem.cc"],
    ["OpenMP", "openmp.cc"],
    ["calls by hand", "kernel.c"],
    ["another level in the middle of a program", "level.c"],
    ["both from C++", "headers.cc"],
  ])("%s", (_name, source) => expectToPass(source, toolchain));

  test("C++ that Clang compiled", async () => {
    await requireTools(ctx, ["clang"]);
    const clang = toolchain.cc.replace(/gcc$/, "clang");
    await expectToPass("cxx.cc", { cc: clang, cxx: `${clang}++` });
  });
});
