// SPDX-License-Identifier: Apache-2.0
/** What the kernel has to be told at each level. */

import type { Level } from "../config/level.js";

/** Arguments for the kernel's command line. */
export function levelArguments(level: Level, kaslr: boolean): string[] {
  return [
    ...(kaslr ? [] : ["nokaslr"]),
    // The kernel's copy of a process's page tables, which isolation makes, cannot execute its code.
    ...(level === "linux" ? [] : ["pti=off"]),
  ];
}

/** The same for a machine of ours. Stock Linux cannot be told how fast the local APIC's timer runs. */
export function ownMachineArguments(level: Level, kaslr: boolean): string[] {
  return [...levelArguments(level, kaslr), ...(level === "linux" ? [] : [timerArgument])];
}

/**
 * Before the timer's divider, a tick is a nanosecond: in QEMU, which counts those of its clock (apic_next_timer() in
 * hw/intc/apic_common.c), and in KVM, if it is not told otherwise (APIC_BUS_CYCLE_NS_DEFAULT).
 */
export const timerArgument = "ukl_apic_timer=1000000000";
