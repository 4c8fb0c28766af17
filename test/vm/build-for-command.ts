// SPDX-License-Identifier: Apache-2.0
/** Builds what `ukl run` needs, before the tests that start it: none of them is about how long that takes. */

import { createContext } from "../../src/host/context.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { buildToolchain } from "../../src/toolchain/build-toolchain.js";
import { compileMain } from "../compile-main.js";

export async function buildForCommand(): Promise<void> {
  const ctx = createContext({ assumeYes: process.env["CI"] === "true" });
  compileMain();
  await buildToolchain(ctx);
  await buildKernel(ctx, { ukl: true });
}
