// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel config`: what a kernel is configured with. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { buildKernel } from "../../kernel/build-kernel.js";
import { defineCommand } from "../define-command.js";
import { type KernelFlags, kernelFlags, toKernelRequest } from "../kernel-flags.js";

export const command = defineCommand<KernelFlags>({
  description:
    "Prints the complete .config, after Kconfig; the kernel is built first if it is not in the cache.",
  flags: kernelFlags,
  run: async ({ ctx, flags, print }) => {
    const kernel = await buildKernel(ctx, toKernelRequest(flags));
    print((await readFile(path.join(kernel.tree, ".config"), "utf8")).trimEnd());
  },
});
