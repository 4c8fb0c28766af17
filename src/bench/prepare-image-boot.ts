// SPDX-License-Identifier: Apache-2.0
/** Builds the one file that is booted by itself, as `ukl build` does, and which says when it got where. */

import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { packImage } from "../image/build-image.js";
import { type PreparedImage, prepareImage } from "../image/prepare-image.js";
import type { Application } from "./application.js";
import {
  describeProgram,
  imagePartsOf,
  type PreparedBoot,
  prepareServer,
  variantArguments,
  withoutNetwork,
} from "./prepare-boot.js";
import type { Variant } from "./variant.js";

const form = "linked";

/** A program that says when its main() began. */
export async function prepareHello(ctx: Context, variant: Variant): Promise<PreparedBoot> {
  const app = await describeProgram(ctx, "boot", variant.program);
  const image = await prepareImage(ctx, { app, ...imagePartsOf(variant), form });
  return pack(ctx, image, { variant, name: app.name, program: image.contents.program });
}

/** A server, and a client that says when its first request was answered. */
export async function prepareFirstAnswer(
  ctx: Context,
  application: Application,
  variant: Variant,
): Promise<PreparedBoot> {
  const image = await prepareServer(ctx, application, { variant, form }, ["first"]);
  return pack(ctx, image, { variant, name: application.name, program: image.serverProgram });
}

async function pack(
  ctx: Context,
  { kernel, contents, level }: PreparedImage,
  {
    variant,
    name,
    program,
  }: { readonly variant: Variant; readonly name: string; readonly program: Uint8Array },
): Promise<PreparedBoot> {
  const request = { name: `bench-${name}`, form, kernel, contents: withoutNetwork(contents), level } as const;
  return {
    variant,
    kernel,
    file: (await packImage(ctx, request)).path,
    initramfs: undefined,
    // The image of a program that is linked to the kernel knows by itself that the kernel must not move.
    kernelArguments: variantArguments(variant),
    programHash: hashBytes(program),
  };
}
