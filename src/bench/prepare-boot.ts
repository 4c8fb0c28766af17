// SPDX-License-Identifier: Apache-2.0
/** Builds kernel and image of a variant. */

import { readFile } from "node:fs/promises";
import { loadRecipe } from "../app/recipes.js";
import type { App } from "../config/app.js";
import { parseAppConfig } from "../config/parse-app-config.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { buildGuestProgram, findGuestSources, guestProgramFlags } from "../image/build-guest-program.js";
import { buildInitramfs, type ImageContents, programFile } from "../image/initramfs.js";
import { type ImageRequest, type PreparedImage, prepareImage } from "../image/prepare-image.js";
import type { Kernel } from "../kernel/build-kernel.js";
import type { DistributionKernel } from "../kernel/fetch-distribution-kernel.js";
import { levelArguments } from "../vm/level-arguments.js";
import type { Application } from "./application.js";
import type { Intervals } from "./latency.js";
import { bootDistributionKernel, prepareDistributionImage } from "./prepare-distribution.js";
import type { BootableFile } from "./run-guest.js";
import type { Variant } from "./variant.js";

/** A variant that is ready to be booted. */
export interface PreparedBoot extends BootableFile {
  readonly variant: Variant;
  /** That is booted, if not the distribution's is. */
  readonly kernel: Kernel;
  readonly distribution?: {
    readonly kernel: DistributionKernel;
    /** With their versions. */
    readonly packages: readonly string[];
  };
  /** Of the program under test, SHA-256. */
  readonly programHash: string;
  /** Default `runCounted`'s. */
  readonly memoryMib?: number | undefined;
}

/** What measures: by counting, or in time. */
export type MeasuringProgram = "bench" | "timed";

/** Builds what measures operations. @param operations their names; none for all of them */
export async function prepareMicro(
  ctx: Context,
  variant: Variant,
  {
    operations = [],
    program = "bench",
  }: { readonly operations?: readonly string[]; readonly program?: MeasuringProgram } = {},
): Promise<PreparedBoot> {
  const app = await describeProgram(ctx, program, variant.program);
  return prepareProgram(ctx, app, variant, ["micro", ...operations]);
}

/** Builds a program that measures what it does itself. */
export async function prepareProgram(
  ctx: Context,
  app: App,
  variant: Variant,
  args: readonly string[] = [],
): Promise<PreparedBoot> {
  return finish(ctx, await prepareImage(ctx, { app, ...imagePartsOf(variant), args }), variant);
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
  return prepareMeasured(ctx, application, { variant }, ["server", requests]);
}

interface BenchImage extends PreparedImage {
  /** Of the distribution, with the program, and its version. */
  readonly package?: string;
}

interface ServerImage extends BenchImage {
  readonly serverProgram: Uint8Array;
}

/**
 * The same with a client that measures in time.
 *
 * @param intervals also at fixed rates
 */
export async function prepareTimedApplication(
  ctx: Context,
  application: Application,
  variant: Variant,
  intervals?: Intervals,
): Promise<PreparedBoot> {
  const requests = Object.keys(application.requests).join(",");
  const rates = Object.entries(intervals ?? {}).map(([name, ns]) => `${name}=${ns}`);
  return prepareMeasured(
    ctx,
    application,
    { variant, program: "timed" },
    rates.length === 0 ? ["server", requests] : ["rated", requests, rates.join(",")],
  );
}

type ServerForm = Pick<ImageRequest, "form"> & {
  readonly variant: Variant;
  readonly program?: MeasuringProgram;
};

/** How the client is called: by what it is to do, and what belongs to that. */
type ClientCall = readonly [mode: string, ...options: string[]];

async function prepareMeasured(
  ctx: Context,
  application: Application,
  form: ServerForm,
  call: ClientCall,
): Promise<PreparedBoot> {
  const image = await prepareServer(ctx, application, form, call);
  const boot = await finish(ctx, image, form.variant, image.serverProgram);
  return { ...boot, memoryMib: application.memoryMib };
}

/** An image with the client, which starts the server, and tells it how the requests are to be counted. */
export async function prepareServer(
  ctx: Context,
  application: Application,
  { variant, form, program = "bench" }: ServerForm,
  [mode, ...options]: ClientCall,
): Promise<ServerImage> {
  const client = await readFile(await buildGuestProgram(ctx, program));
  const { name, describe = () => loadRecipe(name), distribution } = application;
  const image: BenchImage =
    variant.distribution === true && distribution !== undefined
      ? await prepareDistributionImage(ctx, name, distribution)
      : await prepareImage(ctx, { app: await describe(ctx, variant), ...imagePartsOf(variant), form });
  const { contents } = image;
  const { program: server, args } = contents.configuration;
  const clientPath = "/bin/bench";
  return {
    ...image,
    serverProgram: contents.program,
    contents: withoutNetwork({
      ...contents,
      program: client,
      programPath: clientPath,
      files: [...contents.files, ...(await application.files()), programFile(contents)],
      configuration: {
        ...contents.configuration,
        program: clientPath,
        args: [mode, name, ...options, server, ...args, ...application.args],
      },
    }),
  };
}

/** The parts of an image's request that a variant decides on. */
export function imagePartsOf({ level, kernelConfig }: Variant): Pick<ImageRequest, "level" | "kernelConfig"> {
  return { level, kernelConfig };
}

/** There is no network card, and nobody to forward ports. */
export function withoutNetwork(contents: ImageContents): ImageContents {
  const { network: _network, ...configuration } = contents.configuration;
  return { ...contents, configuration };
}

/** For the kernel's command line. */
export function variantArguments({ level, kernelArguments }: Variant, kaslr = true): string[] {
  return [...levelArguments(level, kaslr), ...kernelArguments];
}

async function finish(
  ctx: Context,
  image: BenchImage,
  variant: Variant,
  program = image.contents.program,
): Promise<PreparedBoot> {
  const { kernel, contents } = image;
  const boot = {
    variant,
    kernel,
    file: kernel.bzImage,
    initramfs: buildInitramfs(withoutNetwork(contents)),
    kernelArguments: variantArguments(variant),
    programHash: hashBytes(program),
  };
  return variant.distribution === true ? bootDistributionKernel(ctx, boot, image.package) : boot;
}

/** A program of userland/ in one of its forms. */
export async function describeProgram(
  ctx: Context,
  name: MeasuringProgram | "boot",
  form: Variant["program"],
): Promise<App> {
  const files = await findGuestSources(name);
  const config = { name, build: { system: "c", files, flags: [...guestProgramFlags[name]] } };
  const app = parseAppConfig(config, packagePath("userland", name, name));
  if (form === "relinked") return app;
  return { ...app, build: { system: "prebuilt", file: await buildGuestProgram(ctx, name) } };
}
