// SPDX-License-Identifier: Apache-2.0
/** The configuration of the distribution's own kernel, from its package. */

import { access } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { fetchSource } from "../source/fetch-source.js";
import type { Series } from "./series.js";

/**
 * The lines of a complete .config: of the kernel for 64-bit PCs, without a variant.
 *
 * @throws UklError SOURCE_* when the distribution has none for this series
 */
export async function loadDistributionConfig(ctx: Context, { configPackage }: Series): Promise<string> {
  await requireTools(ctx, ["xz"]);
  const source = await fetchSource(ctx, { kind: "debian-binary", package: configPackage });
  const file = path.join(source.path, "usr", "src", configPackage, "config.amd64_none_amd64.xz");
  await access(file).catch((cause: unknown) => {
    throw new UklError(
      "SOURCE_NOT_FOUND",
      `Cannot use "${configPackage}": it has no ${path.basename(file)}`,
      {
        hint: "Build without it: leave out debian, or look for the file's new name",
        cause,
      },
    );
  });
  const { stdout } = await runCommand(ctx, "xz", ["--decompress", "--stdout", file]);
  return withoutToolchain(stdout);
}

/** Leaves out what Kconfig found out about the distribution's compiler and its kin: here it finds out about ours. */
export function withoutToolchain(config: string): string {
  return config
    .split("\n")
    .filter((line) => !toolchainOption.test(line))
    .join("\n");
}

const toolchainOption = /^CONFIG_(?:AS|CC|GCC|LD|PAHOLE|RUSTC)_(?:VERSION|HAS|IS|LLVM)(?:_\w+)?=/;
