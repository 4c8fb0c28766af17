// SPDX-License-Identifier: Apache-2.0
/** What users have: puts a program of the distribution into an image, and the distribution's kernel before it. */

import { readFile } from "node:fs/promises";
import { loadRecipe } from "../app/recipes.js";
import type { Context } from "../host/context.js";
import { buildGuestProgram } from "../image/build-guest-program.js";
import { loadPackageProgram, type PackageProgram } from "../image/load-package-program.js";
import { type PreparedImage, prepareImage } from "../image/prepare-image.js";
import { fetchDistributionKernel } from "../kernel/fetch-distribution-kernel.js";
import type { PreparedBoot } from "./prepare-boot.js";

/** A program of a package, and what the package makes for it when it is installed. */
export interface DistributionProgram extends PackageProgram {
  /** Absolute, in the guest. */
  readonly directories?: readonly string[];
}

/**
 * An image as the recipe describes it, but with the distribution's program at its own place, and its libraries; and the
 * program's package with its version.
 */
export async function prepareDistributionImage(
  ctx: Context,
  recipeName: string,
  program: DistributionProgram,
): Promise<PreparedImage & { readonly package: string }> {
  const recipe = await loadRecipe(recipeName);
  const { file, version, libraries } = await loadPackageProgram(ctx, program);
  // In its place, until the image is there: what is dynamic would be given the libraries of this machine.
  const build = { system: "prebuilt", file: await buildGuestProgram(ctx, "bench") } as const;
  const image = await prepareImage(ctx, { app: { ...recipe, build }, level: "linux" });
  const { contents } = image;
  return {
    ...image,
    package: `${program.package} ${version}`,
    contents: {
      ...contents,
      program: await readFile(file),
      programPath: program.path,
      files: [...contents.files, ...libraries],
      directories: [...(contents.directories ?? []), ...(program.directories ?? [])],
      configuration: { ...contents.configuration, program: program.path },
    },
  };
}

/**
 * Boots the distribution's kernel instead.
 *
 * @param program the package of the program, where it has one
 */
export async function bootDistributionKernel(
  ctx: Context,
  boot: PreparedBoot,
  program: string | undefined,
): Promise<PreparedBoot> {
  const kernel = await fetchDistributionKernel(ctx, boot.kernel);
  const packages = [kernel.package, ...(program === undefined ? [] : [program])];
  return { ...boot, file: kernel.bzImage, distribution: { kernel, packages } };
}
