// SPDX-License-Identifier: Apache-2.0
/** What a program is linked to when it is linked directly against a kernel. */

import type { KernelLink } from "../app/bind-program.js";
import type { Level } from "../config/level.js";
import type { Kernel } from "../kernel/build-kernel.js";

/** Undefined for a stock kernel, which has nothing to link to. */
export function findKernelLink(kernel: Kernel, level: Level): KernelLink | undefined {
  const systemCall = findEntry(kernel, level);
  if (systemCall === undefined) return undefined;
  return { systemCall, buildId: Uint8Array.from(Buffer.from(kernel.buildId, "hex")) };
}

function findEntry(kernel: Kernel, level: Level): bigint | undefined {
  if (level === "shortcut") return kernel.shortcutSystemCallEntry;
  return level === "bypass" ? kernel.fastSystemCallEntry : kernel.systemCallEntry;
}
