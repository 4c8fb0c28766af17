// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel build`: a kernel, in the cache. */

import { buildKernel, type Kernel } from "../../kernel/build-kernel.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { type KernelFlags, kernelFlags, toKernelRequest } from "../kernel-flags.js";

export const command = defineCommand<KernelFlags & { readonly json?: boolean }>({
  description: "Prints where the bootable kernel is.",
  flags: { ...kernelFlags, json: jsonFlag },
  run: async ({ ctx, flags, print }) => {
    const kernel = await buildKernel(ctx, toKernelRequest(flags));
    print(flags.json === true ? formatJson(kernel) : kernel.bzImage);
  },
});

/** JSON has no 64-bit integers: addresses are hexadecimal strings. */
function formatJson(kernel: Kernel): string {
  const toText = (_key: string, value: unknown) =>
    typeof value === "bigint" ? `0x${value.toString(16)}` : value;
  return JSON.stringify(kernel, toText, 2);
}
