// SPDX-License-Identifier: Apache-2.0
/** How little memory a machine can have. */

import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import type { PreparedBoot } from "./prepare-boot.js";
import { runCounted } from "./run-counted.js";
import type { BenchHardware } from "./run-guest.js";

export interface LeastMemoryRequest extends BenchHardware {
  /** For messages: "hello at base". */
  readonly title: string;
  readonly boot: PreparedBoot;
  /** All of them have to succeed. */
  readonly seeds: readonly number[];
}

/** With less no firmware begins, and with so much everything that is measured here does. */
const range = { from: 8, to: 128 };

/**
 * Boots until the least number of MiB is found with which the program still ends well.
 *
 * @throws what `runCounted` throws with the most memory
 */
export async function findLeastMemory(ctx: Context, request: LeastMemoryRequest): Promise<number> {
  const { boot, machine, cpuModel, seeds } = request;
  const run = (memoryMib: number, seed: number, timeoutMs?: number): Promise<string> => {
    const title = `${request.title} with ${memoryMib} MiB`;
    return runCounted(ctx, { ...boot, title, seed, machine, cpuModel, memoryMib, timeoutMs });
  };
  const startedAt = performance.now();
  await run(range.to, seeds[0] as number);
  // A decompressor without room halts for ever.
  const timeoutMs = shortestTimeoutMs + patience * (performance.now() - startedAt);
  const suffices = async (memoryMib: number, limitMs: number): Promise<boolean> => {
    try {
      for (const seed of seeds) await run(memoryMib, seed, limitMs);
      return true;
    } catch (error) {
      if (error instanceof UklError && failures.has(error.code)) return false;
      throw error;
    }
  };
  let least = await bisect(range.from, range.to, (memoryMib) => suffices(memoryMib, timeoutMs));
  // With hardly enough it takes long, and on a busy host it may only have seemed to halt.
  while (least - 1 > range.from && (await suffices(least - 1, secondPatience * timeoutMs))) least--;
  return least;
}

/** How many times as long as with much memory may it take with little: on a busy host, too. */
const patience = 3;
const shortestTimeoutMs = 10_000;
/** And how many times as long when it is asked again. */
const secondPatience = 5;

/** What the machine itself did, and not the host, which has run it with much memory. */
const failures: ReadonlySet<string> = new Set(["VM_PANIC", "BENCH_FAILED", "HOST_TIMEOUT"]);

/** The least number for which it is so: not for `low`, but for `high`. Exported for its test. */
export async function bisect(
  low: number,
  high: number,
  isSo: (value: number) => Promise<boolean>,
): Promise<number> {
  let [no, yes] = [low, high];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (await isSo(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
