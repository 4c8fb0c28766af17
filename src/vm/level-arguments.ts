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
