// SPDX-License-Identifier: Apache-2.0
/**
 * Boots a machine in which time is measured: that which `runCounted` boots, without its clock of instructions. Its time is
 * the host's, and so is the noise.
 */

import type { Context } from "../host/context.js";
import type { Accelerator } from "../vm/find-accelerator.js";
import { type GuestBoot, type GuestClock, runGuest } from "./run-guest.js";

export interface TimedBoot extends GuestBoot {
  readonly accelerator: Accelerator["kind"];
}

/** All that there is: under KVM the host's processor, with its own instructions for strings. */
export const timedCpuModels = { kvm: "host", tcg: "max" } as const satisfies Record<
  Accelerator["kind"],
  string
>;

/**
 * Boots the machine and waits for its end.
 *
 * @returns all that was written to the console
 * @throws what `runGuest` throws
 */
export function runTimed(ctx: Context, boot: TimedBoot): Promise<string> {
  return runGuest(ctx, boot, hostClock(boot));
}

/** Exported for its test. */
export function hostClock({
  accelerator,
  cpuModel = timedCpuModels[accelerator],
  seed,
}: TimedBoot): GuestClock {
  return {
    ...{ accelerator, cpuModel },
    arguments: ["-seed", String(seed), "-rtc", "base=2020-01-01"],
  };
}
