// SPDX-License-Identifier: Apache-2.0
/** What a program is linked to when it is linked directly against a kernel. */

import type { KernelLink } from "../app/bind-program.js";
import type { Kernel } from "../kernel/build-kernel.js";

/** Undefined for a stock kernel, which has nothing to link to. */
export function findKernelLink({ systemCallEntry, buildId }: Kernel): KernelLink | undefined {
  if (systemCallEntry === undefined) return undefined;
  return { systemCall: systemCallEntry, buildId: Uint8Array.from(Buffer.from(buildId, "hex")) };
}
