// SPDX-License-Identifier: Apache-2.0
/**
 * Boots a machine whose instructions are counted: QEMU's -icount lets the guest's clock advance by one
 * nanosecond with every instruction, so the guest's `rdtsc` is the number of instructions, and everything that the
 * guest does is the same in every run. What would bring the host's time into it is left out: besides cards and disks a
 * second processor (which hangs); there is a seed for the guest's random numbers, and a clock that starts on a fixed day.
 */

import type { Context } from "../host/context.js";
import { instructionClockArguments } from "../vm/qemu-arguments.js";
import { type GuestBoot, type GuestClock, runGuest } from "./run-guest.js";

export interface CountedBoot extends GuestBoot {
  /** Of the emulator, with its arguments, as QEMU takes them; the counts stay the same. */
  readonly plugin?: string | undefined;
}

/**
 * Everything that the emulator has, but no fast string instructions: QEMU counts each of their iterations, so a
 * kernel that uses them for every copy would seem to execute an instruction for each byte.
 */
export const defaultCpuModel = "max,-erms,-fsrm";

/**
 * Boots the machine and waits for its end.
 *
 * @returns all that was written to the console
 * @throws what `runGuest` throws
 */
export function runCounted(ctx: Context, boot: CountedBoot): Promise<string> {
  return runGuest(ctx, boot, instructionClock(boot));
}

/** Exported for its test. */
export function instructionClock({ cpuModel = defaultCpuModel, seed, plugin }: CountedBoot): GuestClock {
  return {
    ...{ accelerator: "tcg", cpuModel },
    arguments: [
      // Idle time is skipped; with "sleep=on" it would be the host's.
      ...instructionClockArguments(seed),
      ...(plugin === undefined ? [] : ["-plugin", plugin]),
    ],
  };
}
