// SPDX-License-Identifier: Apache-2.0
/** Runs some of the kernel's selftests in a guest that has Redis as well. */

import type { Context } from "../host/context.js";
import type { GuestFile } from "../image/initramfs.js";
import { buildKernel } from "../kernel/build-kernel.js";
import { buildSuite } from "../selftest/build-suite.js";
import { parseTap } from "../selftest/parse-tap.js";
import type { GuestShell } from "../vm/guest-shell.js";
import type { StressSettings } from "./stress-settings.js";

const suitePath = "/bin/ukl_test";

/** The suite in the form that the level wants. */
export async function loadGuestTests(
  ctx: Context,
  { level, series }: StressSettings,
): Promise<readonly GuestFile[]> {
  const kernel = await buildKernel(ctx, { series, ukl: level !== "linux" });
  return [{ path: suitePath, mode: 0o755, data: await buildSuite(ctx, level, kernel) }];
}

/**
 * Runs them.
 *
 * @param scale how many times as often as usual they do what they do
 * @returns what they said, in lines
 * @throws Error when one fails, or does not run
 */
export async function runGuestTests(
  shell: GuestShell,
  tests: readonly string[],
  scale: number,
): Promise<string[]> {
  const { output } = await shell.run(`UKL_TEST_SCALE=${scale} ${suitePath} ${tests.join(" ")}`);
  const results = parseTap(`${output}\n`).tests;
  const passed = results.filter(({ outcome }) => outcome === "passed").map(({ name }) => name);
  if (tests.every((name) => passed.includes(name)))
    return results.flatMap(({ diagnostics }) => [...diagnostics]);
  throw new Error(`${tests.filter((name) => !passed.includes(name)).join(", ")} did not pass: ${output}`);
}
