// SPDX-License-Identifier: Apache-2.0
/** What the kernel has to be told at each level. */

import type { Level } from "../config/level.js";

/**
 * The frequency of the local APIC's timer in Hz, without its divider: of QEMU's own (include/hw/i386/apic_internal.h
 * counts the nanoseconds of its clock) and of KVM's (APIC_BUS_CYCLE_NS, 1 ns).
 */
const apicTimerHz = 1_000_000_000;

/** Arguments for the kernel's command line. */
export function levelArguments(level: Level, kaslr: boolean): string[] {
  return [
    ...(kaslr ? [] : ["nokaslr"]),
    // The kernel's copy of a process's page tables, which isolation makes, cannot execute its code.
    ...(level === "linux" ? [] : ["pti=off", `ukl_apic_timer=${apicTimerHz}`]),
  ];
}
