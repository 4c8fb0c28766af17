// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel's own selftests (kernel/overlay/tools/testing/selftests/ukl), at every level. They pass as an
 * ordinary process on the stock kernel too: that is what says that a test asks for what Linux does.
 */

import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { bindProgram, type KernelLink } from "../../src/app/bind-program.js";
import { createContext } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { findKernelLink } from "../../src/image/kernel-link.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { buildSuite } from "../../src/selftest/build-suite.js";
import type { Selection } from "../../src/selftest/plan-runs.js";
import { runSelftest, type SelftestRequest, type SelftestResult } from "../../src/selftest/run-selftest.js";
import { listMachines } from "../../src/vm/machine-registry.js";
import { isRunning } from "../../src/vm/process-identity.js";
import { finishCommand } from "../finish-command.js";
import { createScratch, readUntil, runProgram } from "./boot.js";
import { startUkl } from "./ukl-command.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

beforeAll(async () => {
  execFileSync(packagePath("node_modules", ".bin", "tsc"), ["--build"], { cwd: packagePath() });
  for (const ukl of [true, false]) await buildSuite(ctx, "base", await buildKernel(ctx, { ukl }));
});

/** One row of the matrix, with what is wrong with it. */
async function runRow(part: Partial<Selection>, request: SelftestRequest = {}) {
  const { results } = await runSelftest(ctx, {
    selection: { cpuModels: ["max"], cpus: [2], levels: ["base"], ...part },
    ...request,
  });
  const [row] = results;
  if (row === undefined || results.length > 1) throw new Error(`${results.length} rows instead of one`);
  return { ...row, trouble: findTrouble(row) };
}

function findTrouble({ tests, problems, findings }: SelftestResult) {
  return [...tests.filter(({ outcome }) => outcome === "failed"), ...problems, ...findings];
}

describe("the kernel's selftests", () => {
  test("pass as an ordinary process on the stock kernel", async () => {
    const { trouble, passed } = await runRow({ levels: ["linux"] });
    expect(trouble).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(76);
  });

  test.each([
    ["base", 1],
    ["base", 2],
    ["base", 4],
    ["bypass", 2],
    ["shortcut", 1],
    ["shortcut", 2],
    ["shortcut", 4],
  ] as const)("pass at level %s on %i CPUs", async (level, cpus) => {
    const { trouble, passed } = await runRow({ levels: [level], cpus: [cpus] });
    expect(trouble).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(80);
  });

  test("pass on a processor without SMEP, SMAP and FSGSBASE", async () => {
    const { trouble, passed } = await runRow({ cpuModels: ["qemu64"] });
    expect(trouble).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(80);
  });

  test.each([
    ["in a program that the system's compiler made", "compat"],
    ["in a program that is linked against the kernel", "linked"],
    ["in ring 3 on our kernel with ukl=off", "off"],
  ] as const)("pass %s", async (_name, level) => {
    const { trouble, passed } = await runRow({ levels: [level] });
    expect(trouble).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(76);
  });

  test("pass under a storm of non-maskable interrupts", async () => {
    const { trouble, nmis } = await runRow(
      {},
      { nmi: true, filters: ["*system_call*", "*stack*", "signals_*"] },
    );
    expect(trouble).toEqual([]);
    expect(nmis).toBeGreaterThan(100);
  });

  test.each(["base", "linux"] as const)(
    "pass at level %s with machine checks, which hit whom they are meant for",
    async (level) => {
      const { results } = await runSelftest(ctx, {
        selection: { cpuModels: ["max"], cpus: [1], levels: [level] },
        filters: ["signals_in_system_calls"],
        machineChecks: true,
      });
      expect(results.map((row) => [row.boot, findTrouble(row)])).toEqual([
        ["plain", []],
        ["memory-errors", []],
        ["fatal-error", []],
      ]);
      expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
      expect(results[0]?.machineChecks).toBeGreaterThan(0);
      expect(results.slice(1).every(({ passed }) => passed > 0)).toBe(true);
    },
  );

  // The other stubs take minutes: ukl kernel test --stubs.
  test.each([
    ["base", "ukl_syscall", ["pop %rcx", "cli", "push %rcx", "ret"]],
    ["bypass", "ukl_*", undefined],
    ["shortcut", "ukl_*", undefined],
  ] as const)(
    "pass with everything that can happen at each instruction of the call entry of %s",
    async (level, entry, steps) => {
      const selection = { cpuModels: ["max"], cpus: [1], levels: [level] } as const;
      const { ok, results } = await runSelftest(ctx, { selection, stubs: true, filters: [entry] });
      const [row] = results;
      expect(row?.tests.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
      expect(ok).toBe(true);
      expect(row?.passed).toBeGreaterThanOrEqual(55);
      // By the debugger of the guest only where that can stop the program.
      const stepped = row?.tests.filter(({ diagnostics: [events = ""] }) => events.includes("step")) ?? [];
      if (steps !== undefined) expect(stepped.map(({ name }) => name.split(": ")[1])).toEqual(steps);
    },
  );

  test("pass wherever the kernel is", async () => {
    const selection = { cpuModels: ["max"], cpus: [1], levels: ["base"], kaslrBoots: 2 } as const;
    const { ok, results } = await runSelftest(ctx, { selection, filters: ["cpl_is_that_of_the_level"] });
    expect(ok).toBe(true);
    expect(results.map(({ kernelBase }) => kernelBase)).toEqual([
      "ffffffff81000000",
      expect.stringMatching(/^ffffffff[89ab]/),
      expect.stringMatching(/^ffffffff[89ab]/),
    ]);
  });
});

describe("ukl kernel test", () => {
  const oneRow = ["kernel", "test", "-vv", "--level", "base", "--cpu", "max", "--cpus", "1"];

  test.each([
    ["killed", "SIGKILL", "QEMU was killed by SIGKILL", "lost"],
    ["stopped, as if it hung", "SIGSTOP", "The guest hung: it said nothing for 5 s", "hung"],
  ] as const)(
    "says of a QEMU that it was %s, and leaves nothing running",
    async (_name, signal, text, word) => {
      using scratch = createScratch();
      const child = startUkl(scratch.directory, [...oneRow, "--timeout", "5"]);
      await readUntil(child.stderr ?? undefined, "TAP version 13");
      const [machine] = await listMachines(scratch.machinesDirectory);
      if (machine === undefined) throw new Error("there is no machine");
      process.kill(machine.process.pid, signal);
      const { status, stdout } = await finishCommand(child);
      expect(status).toBe(1);
      expect(stdout).toContain(text);
      expect(stdout).toMatch(new RegExp(` ${word}$`, "m"));
      expect(await isRunning(machine.process)).toBe(false);
    },
  );
});

describe("a program that is linked against a kernel", () => {
  test.each([
    ["with randomised addresses", "kaslr", (link: KernelLink) => link],
    [
      "with another build ID",
      "nokaslr",
      (link: KernelLink) => ({ ...link, buildId: link.buildId.map((byte) => byte ^ 1) }),
    ],
  ])("is refused %s", async (_name, argument, change) => {
    using scratch = createScratch();
    const kernel = await buildKernel(ctx, { ukl: true });
    const link = findKernelLink(kernel, "base");
    if (link === undefined) throw new Error("the kernel has no system call entry");
    const program = bindProgram(await buildSuite(ctx, "base", kernel), change(link), "ukl_test");
    const { exit } = await runProgram(scratch, program, {
      request: { kernel: kernel.bzImage, level: "base", kernelArguments: ["pti=off", argument] },
    });
    expect(exit).toMatchObject({ kind: "exit", status: 126 });
  });
});
