// SPDX-License-Identifier: Apache-2.0
/** Configures a kernel build: a beginning plus fragments, verified. */

import { appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { findLostOptions } from "./find-lost-options.js";
import { kbuild } from "./kbuild.js";

export interface ConfigureRequest {
  readonly source: string;
  readonly output: string;
  /** The lines of a complete .config to begin with, all of which must survive, too; without it, tinyconfig. */
  readonly start?: string | undefined;
  /** Lines as in a .config; the last one for an option counts. */
  readonly fragment: string;
  readonly logFile: string;
}

/** @throws UklError KERNEL_OPTION_LOST naming every option that Kconfig did not accept */
export async function configureKernel(ctx: Context, request: ConfigureRequest): Promise<void> {
  const { start, fragment, ...build } = request;
  const config = path.join(request.output, ".config");
  if (start === undefined) await kbuild(ctx, { ...build, targets: ["tinyconfig"] });
  else await writeFile(config, start);
  await appendFile(config, `\n${fragment}\n`);
  await kbuild(ctx, { ...build, targets: ["olddefconfig"] });
  const lost = findLostOptions([start, fragment].join("\n"), await readFile(config, "utf8"));
  if (lost.length === 0) return;
  const list = lost.map(({ wanted, got }) => `  ${wanted}  (now: ${got})`).join("\n");
  throw new UklError(
    "KERNEL_OPTION_LOST",
    `Cannot configure the kernel: Kconfig dropped these options\n${list}`,
    {
      hint: "Add what they depend on to kernel/config, or remove them",
    },
  );
}
