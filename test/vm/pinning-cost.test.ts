// SPDX-License-Identifier: Apache-2.0
/**
 * What pinning pages costs an application in ring 0, beside an ordinary process on the stock kernel: instructions,
 * on a machine that counts them (notes/memory.md).
 */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Level } from "../../src/config/level.js";
import { createContext } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { runCommand } from "../../src/host/run-command.js";
import { buildKernel, type Kernel } from "../../src/kernel/build-kernel.js";
import { buildToolchain } from "../../src/toolchain/build-toolchain.js";
import { levelArguments } from "../../src/vm/level-arguments.js";
import { createScratch, runProgram } from "./boot.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

/** What a system call pins that pages are involved in, and two that pin nothing. */
type Costs = Readonly<Record<string, number>>;

let kernels: { readonly ours: Kernel; readonly stock: Kernel };
let program: Uint8Array;

beforeAll(async () => {
  kernels = {
    ours: await buildKernel(ctx, { ukl: true, fragments: ["memory"] }),
    stock: await buildKernel(ctx, { ukl: false, fragments: ["memory"] }),
  };
  using scratch = createScratch();
  const output = scratch.path("pinning-cost");
  const { cc } = await buildToolchain(ctx);
  const source = packagePath("test", "vm", "pinning", "pinning-cost.c");
  await runCommand(ctx, cc, ["-O2", "-Wall", "-o", output, source]);
  program = readFileSync(output);
});

describe("pinning pages in ring 0 costs no more than a tenth above what it costs an ordinary process", () => {
});
