// SPDX-License-Identifier: Apache-2.0
/**
 * What it costs an application that the kernel takes hold of its pages: instructions, on a machine that counts them.
 * What was measured is in notes/memory.md.
 */

import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { defaultCpuModel } from "../../src/bench/run-counted.js";
import type { Level } from "../../src/config/level.js";
import type { Context } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { runCommand } from "../../src/host/run-command.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { buildToolchain } from "../../src/toolchain/build-toolchain.js";
import { levelArguments } from "../../src/vm/level-arguments.js";
import { createScratch, runProgram } from "../vm/boot.js";

/** Instructions by the name of a system call, of pinning-cost.c. */
export type PinningCosts = ReadonlyMap<string, number>;

/**
 * Measures one program: as an ordinary process on the stock kernel at the level `linux`, else on ours.
 *
 * @param fragments of kernel/config; direct I/O is measured with "memory" only
 */
export async function measurePinning(
  ctx: Context,
  level: Level,
  fragments: readonly string[] = [],
): Promise<PinningCosts> {
  const kernel = await buildKernel(ctx, { ukl: level !== "linux", fragments });
  const program = await compileProgram(ctx);
  using scratch = createScratch();
  const { stdout, stderr, exit } = await runProgram(scratch, program, {
    request: {
      kernel: kernel.bzImage,
      level,
      kernelArguments: levelArguments(level, false),
      accelerator: "tcg",
      cpuModel: defaultCpuModel,
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

/** Throws when there is no such call. */
export function costOf(costs: PinningCosts, name: string): number {
  const cost = costs.get(name);
  if (cost === undefined) throw new Error(`${name} was not measured`);
  return cost;
}

async function compileProgram(ctx: Context): Promise<Uint8Array> {
  using scratch = createScratch();
  const output = scratch.path("program");
  const source = packagePath("test", "pinning", "pinning-cost.c");
  await runCommand(ctx, (await buildToolchain(ctx)).cc, ["-O2", "-Wall", "-Werror", "-o", output, source]);
  return readFileSync(output);
}
