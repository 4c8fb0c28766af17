// SPDX-License-Identifier: Apache-2.0
/** Builds kernel and image of a variant. */

import { readdir, readFile } from "node:fs/promises";
import { loadRecipe } from "../app/recipes.js";
import type { App } from "../config/app.js";
import { parseAppConfig } from "../config/parse-app-config.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { buildGuestProgram, guestProgramFlags } from "../image/build-guest-program.js";
import { buildInitramfs, type ImageContents, programFile } from "../image/initramfs.js";
import { prepareImage } from "../image/prepare-image.js";
import type { Kernel } from "../kernel/build-kernel.js";
import { levelArguments } from "../vm/level-arguments.js";
import type { Application } from "./application.js";
import type { Variant } from "./variant.js";

/** A variant that is ready to be booted. */
export interface PreparedBoot {
  readonly variant: Variant;
  readonly kernel: Kernel;
  readonly initramfs: Uint8Array;
  readonly kernelArguments: readonly string[];
  /** Of the program under test, SHA-256. */
  readonly programHash: string;
}

/** Builds what counts the instructions of operations. @param operations their names; none for all of them */
export async function prepareMicro(
  ctx: Context,
  variant: Variant,
  operations: readonly string[] = [],
): Promise<PreparedBoot> {
  const app = await describeProgram(ctx, variant.program);
  return finish(
    await prepareImage(ctx, { app, level: variant.level, args: ["micro", ...operations] }),
    variant,
  );
}

/**
 * Builds an application's server, at the variant's level, and the client that starts it and counts. The client is an
 * ordinary process at every level.
 *
 * @param requests the names of those that are counted, with commas
 */
export async function prepareApplication(
  ctx: Context,
  application: Application,
  variant: Variant,
  requests = "all",
): Promise<PreparedBoot> {
  const client = await readFile(await buildGuestProgram(ctx, "bench"));
  const app = await loadRecipe(application.name);
  const image = await prepareImage(ctx, { app, level: variant.level });
  const { contents } = image;
  const { program: server, args } = contents.configuration;
  const clientPath = "/bin/bench";
  return finish(
    {
      ...image,
      contents: {
        ...contents,
        program: client,
        programPath: clientPath,
        files: [...contents.files, ...(await application.files()), programFile(contents)],
        configuration: {
          ...contents.configuration,
          program: clientPath,
          args: ["server", application.name, requests, server, ...args, ...application.args],
        },
      },
    },
    variant,
    contents.program,
  );
}

interface Prepared {
  readonly kernel: Kernel;
  readonly contents: ImageContents;
}

/** There is no network card, and nobody to forward ports. */
function finish({ kernel, contents }: Prepared, variant: Variant, program = contents.program): PreparedBoot {
  const { network: _network, ...configuration } = contents.configuration;
  return {
    variant,
    kernel,
    initramfs: buildInitramfs({ ...contents, configuration }),
    kernelArguments: [...levelArguments(variant.level, true), ...variant.kernelArguments],
    programHash: hashBytes(program),
  };
}

/** The program of userland/bench in one of its forms. */
async function describeProgram(ctx: Context, form: Variant["program"]): Promise<App> {
  const directory = packagePath("userland", "bench");
  const files = (await readdir(directory)).filter((file) => file.endsWith(".c")).sort();
  const config = { name: "bench", build: { system: "c", files, flags: [...guestProgramFlags.bench] } };
  const app = parseAppConfig(config, packagePath("userland", "bench", "bench"));
  if (form === "relinked") return app;
  return { ...app, build: { system: "prebuilt", file: await buildGuestProgram(ctx, "bench") } };
}
