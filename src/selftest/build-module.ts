// SPDX-License-Identifier: Apache-2.0
/** Builds the one module that the suite loads and removes, where the kernel can have modules. */

import { copyFile, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import type { Kernel } from "../kernel/build-kernel.js";
import { copyBuild } from "../kernel/copy-build.js";
import { kbuild } from "../kernel/kbuild.js";

/** A network device that needs nothing but the kernel itself; a module in the distribution's configuration. */
const target = "drivers/net/dummy.ko";

/** Where the suite looks for it. */
export const guestModule = "/lib/modules/dummy.ko";

/** The module's content; undefined when it is none in this kernel's configuration. */
export async function buildModule(
  ctx: Context,
  kernel: Pick<Kernel, "key" | "path" | "source" | "tree" | "compilerFlags">,
): Promise<Uint8Array | undefined> {
  const config = await readFile(path.join(kernel.tree, ".config"), "utf8");
  if (!/^CONFIG_DUMMY=m$/m.test(config)) return undefined;
  const name = path.basename(target);
  const entry = await cached(ctx, {
    kind: "selftest",
    name,
    inputs: { kernel: kernel.key },
    title: `Building the module ${name}`,
    neededMib: 2_000,
    build: async (ctx, { directory, logFile }) => {
      const copy = path.join(directory, "copy");
      const build = await copyBuild(ctx, kernel, copy, logFile);
      await kbuild(ctx, { ...build, targets: [target] });
      await copyFile(path.join(build.output, target), path.join(directory, name));
      await rm(copy, { recursive: true });
    },
  });
  return readFile(path.join(entry.path, name));
}
