// SPDX-License-Identifier: Apache-2.0
/**
 * What it costs an application in ring 0 that the kernel takes hold of its pages, beside an ordinary process on the
 * stock kernel: instructions, on a machine that counts them. What was measured is in notes/memory.md.
 */

import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { Level } from "../../src/config/level.js";
import { createContext } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { runCommand } from "../../src/host/run-command.js";
import { buildKernel, type Kernel } from "../../src/kernel/build-kernel.js";
import { buildToolchain } from "../../src/toolchain/build-toolchain.js";
import { levelArguments } from "../../src/vm/level-arguments.js";
import { createScratch, runProgram } from "./boot.js";

/** Instructions by the name of a system call, of pinning-cost.c. */
type Costs = ReadonlyMap<string, number>;

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });
const fragments = ["memory"];

let stock: Costs;
let base: Costs;
let again: Costs;

beforeAll(async () => {
  const program = await compileProgram();
  stock = await measure(await buildKernel(ctx, { ukl: false, fragments }), "linux", program);
  const ours = await buildKernel(ctx, { ukl: true, fragments });
  base = await measure(ours, "base", program);
  again = await measure(ours, "base", program);
});

test("the machine counts the same every time, to a hundredth", () => {
  const differences = [...base].map(
    ([name, cost]) => [name, Math.abs(costOf(again, name) / cost - 1)] as const,
  );
  expect(differences.filter(([, difference]) => difference > 0.01)).toEqual([]);
});

test("a call that pins nothing costs less in ring 0", () => {
  for (const name of ["getppid", "pread-error", "futex-private"])
    expect(costOf(base, name), name).toBeLessThan(costOf(stock, name));
});

test.each([
  "futex-shared",
  "read-4k",
  "read-64k",
  "read-64k-huge-page",
  "write-4k",
  "uring-read-4k",
  "uring-read-64k",
  "uring-register-64k",
  "uring-fixed-4k",
  "uring-fixed-64k",
  "vmsplice-64k",
])("%s costs at most a tenth more in ring 0", (name) => {
  expect(costOf(base, name)).toBeLessThan(1.1 * costOf(stock, name));
});

/** One program for both. */
async function compileProgram(): Promise<Uint8Array> {
  using scratch = createScratch();
  const output = scratch.path("program");
  const source = packagePath("test", "vm", "pinning", "pinning-cost.c");
  await runCommand(ctx, (await buildToolchain(ctx)).cc, ["-O2", "-Wall", "-Werror", "-o", output, source]);
  return readFileSync(output);
}

async function measure(kernel: Kernel, level: Level, program: Uint8Array): Promise<Costs> {
  using scratch = createScratch();
  const { stdout, stderr, exit } = await runProgram(scratch, program, {
    request: {
      kernel: kernel.bzImage,
      level,
      kernelArguments: levelArguments(level, false),
      accelerator: "tcg",
      // Without the string instructions of which every repetition counts as an instruction.
      cpuModel: "max,-erms,-fsrm",
      // Below 512 MiB the kernel makes no huge pages.
      memoryMib: 768,
      instructionClock: { seed: 1 },
    },
  });
  expect({ exit, stderr }).toEqual({ exit: { kind: "exit", status: 0 }, stderr: "" });
  return new Map(
    [...stdout.matchAll(/^(\S+) (\d+)$/gm)].map(([, name = "", ticks]) => [name, Number(ticks)]),
  );
}

function costOf(costs: Costs, name: string): number {
  const cost = costs.get(name);
  if (cost === undefined) throw new Error(`${name} was not measured`);
  return cost;
}
