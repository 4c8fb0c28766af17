// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel's own selftests (kernel/overlay/tools/testing/selftests/ukl), at every level. They pass as an
 * ordinary process on the stock kernel too: that is what says that a test asks for what Linux does.
 */

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bindProgram } from "../../src/app/bind-program.js";
import { addUklNote } from "../../src/elf/ukl-note.js";
import { createContext } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { buildKernel, type Kernel } from "../../src/kernel/build-kernel.js";
import { fetchSource } from "../../src/source/fetch-source.js";
import { buildToolchain } from "../../src/toolchain/build-toolchain.js";
import { createScratch, runProgram } from "./boot.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

let stock: Kernel;
let ours: Kernel;
/** Built by the system's compiler, and by our toolchain. */
let unmodified: Uint8Array;
let relinked: Uint8Array;
let busybox: Uint8Array;

beforeAll(async () => {
  ours = await buildKernel(ctx, { ukl: true });
  stock = await buildKernel(ctx, { ukl: false });
  unmodified = compileSuite("gcc");
  relinked = compileSuite((await buildToolchain(ctx)).cc);
  const { path: files } = await fetchSource(ctx, { kind: "debian-binary", package: "busybox-static" });
  busybox = readFileSync(path.join(files, "bin", "busybox"));
});

function compileSuite(compiler: string): Uint8Array {
  using scratch = createScratch();
  cpSync(packagePath("kernel", "overlay", "tools", "testing", "selftests", "ukl"), scratch.directory, {
    recursive: true,
  });
  execFileSync("make", ["-s", `CC=${compiler}`], { cwd: scratch.directory });
  return readFileSync(scratch.path("ukl_test"));
}

interface Run {
  readonly kernel: Kernel;
  readonly program: Uint8Array;
  readonly level: string;
  readonly cpus: number;
  readonly kernelArguments: readonly string[];
}

/** Runs the suite in a machine. Returns what its TAP says. */
async function runSuite({ kernel, program, level, cpus, kernelArguments }: Run) {
  using scratch = createScratch();
  const { stdout, exit } = await runProgram(scratch, program, {
    ctx,
    configuration: { env: { UKL_LEVEL: level, PATH: "/bin" } },
    request: {
      ...{ kernel: kernel.bzImage, level, cpus, memoryMib: 256, timeoutMs: 240_000 },
      kernelArguments: ["pti=off", ...kernelArguments],
    },
    files: [{ path: "/bin/sh", mode: 0o755, data: busybox }],
  });
  return {
    cpl: stdout.match(/^# CPL (\d)/m)?.[1],
    // With what the test said about it.
    failures: stdout.match(/^(#.*\n)*not ok .*/gm) ?? [],
    passed: Number(stdout.match(/# (\d+) passed, \d+ failed, \d+ skipped\s*$/)?.[1] ?? 0),
    exit,
  };
}

const allPassed = { failures: [], exit: { kind: "exit", status: 0 } };

describe("the kernel's selftests", () => {
  test("pass as an ordinary process on the stock kernel", async () => {
    const run = { kernel: stock, program: relinked, level: "linux", cpus: 2, kernelArguments: [] };
    const result = await runSuite(run);
    expect(result).toMatchObject({ cpl: "3", ...allPassed });
    expect(result.passed).toBeGreaterThanOrEqual(51);
  });

  test.each([1, 2, 4])("pass at level base on %i CPUs", async (cpus) => {
    const run = { kernel: ours, program: relinked, level: "base", cpus, kernelArguments: [] };
    const result = await runSuite(run);
    expect(result).toMatchObject({ cpl: "0", ...allPassed });
    expect(result.passed).toBeGreaterThanOrEqual(52);
  });

  test("pass at level compat, in a program that the system's compiler made", async () => {
    const program = addUklNote(unmodified, { kernelBuildId: undefined }, "ukl_test");
    const run = { kernel: ours, program, level: "compat", cpus: 2, kernelArguments: [] };
    expect(await runSuite(run)).toMatchObject({ cpl: "0", ...allPassed });
  });

  test("pass in a program that is linked against the kernel", async () => {
    const program = bindProgram(relinked, linkTo(ours), "ukl_test");
    const run = { kernel: ours, program, level: "base", cpus: 2, kernelArguments: ["nokaslr"] };
    expect(await runSuite(run)).toMatchObject({ cpl: "0", ...allPassed });
  });

  test("pass in ring 3 on our kernel with ukl=off", async () => {
    const run = { kernel: ours, program: relinked, level: "linux", cpus: 2, kernelArguments: ["ukl=off"] };
    expect(await runSuite(run)).toMatchObject({ cpl: "3", ...allPassed });
  });
});

describe("a program that is linked against a kernel", () => {
  test.each([
    ["with randomised addresses", "kaslr", (link: ReturnType<typeof linkTo>) => link],
    [
      "with another build ID",
      "nokaslr",
      (link: ReturnType<typeof linkTo>) => ({ ...link, buildId: link.buildId.map((byte) => byte ^ 1) }),
    ],
  ])("is refused %s", async (_name, argument, change) => {
    const program = bindProgram(relinked, change(linkTo(ours)), "ukl_test");
    const run = { kernel: ours, program, level: "base", cpus: 1, kernelArguments: [argument] };
    expect((await runSuite(run)).exit).toMatchObject({ kind: "exit", status: 126 });
  });
});

function linkTo(kernel: Kernel) {
  if (kernel.systemCallEntry === undefined) throw new Error("the kernel has no system call entry");
  return { systemCall: kernel.systemCallEntry, buildId: new Uint8Array(Buffer.from(kernel.buildId, "hex")) };
}
