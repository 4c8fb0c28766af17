// SPDX-License-Identifier: Apache-2.0
/** Builds one bootable file: the kernel with the application in its built-in initramfs. */

import { copyFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes, hashFile } from "../host/hash.js";
import type { Kernel } from "../kernel/build-kernel.js";
import { pvhFragment } from "../kernel/configuration.js";
import { type BootFormat, relinkKernel } from "../kernel/relink-kernel.js";
import { buildInitramfs } from "./initramfs.js";
import { type ImageRequest, type PreparedImage, prepareImage } from "./prepare-image.js";

export interface Image {
  /** In the cache. */
  readonly path: string;
  readonly format: BootFormat;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly kernel: Kernel;
}

/**
 * Builds the file, or finds it in the cache: the same inputs give the same bytes. A program of our
 * toolchain is linked directly against the kernel unless the request wants the vector.
 *
 * @throws UklError IMAGE_LAYOUT_MOVED; what `prepareImage` throws
 */
export async function buildImage(ctx: Context, request: ImageRequest): Promise<Image> {
  const { form = "linked", app } = request;
  return packImage(ctx, { name: app.name, form, ...(await prepareImage(ctx, { ...request, form })) });
}

export interface PackRequest extends Pick<PreparedImage, "kernel" | "contents" | "level"> {
  readonly name: string;
  /** Of its programs of our toolchain. */
  readonly form: NonNullable<ImageRequest["form"]>;
}

/** Makes one file of what `prepareImage` has put together. */
export async function packImage(ctx: Context, request: PackRequest): Promise<Image> {
  const { name, form, kernel, contents, level } = request;
  const initramfs = buildInitramfs(contents);
  // Only the decompressor looks at it: a directly linked program knows the kernel's addresses.
  const options = form === "linked" && kernel.ukl ? ["CONFIG_UKL_NOKASLR=y"] : [];
  const format = kernel.fragments.includes(pvhFragment) ? "pvh" : "bzImage";
  const entry = await cached(ctx, {
    kind: "image",
    name: `${name}-${level}`,
    inputs: {
      ...{ kernel: kernel.key, initramfs: hashBytes(initramfs), options },
      ...(format === "bzImage" ? {} : { format }),
    },
    title: `Building the image of ${name}`,
    build: async (ctx, { directory, logFile }) => {
      const [archive, tree] = [path.join(directory, "initramfs.cpio"), path.join(directory, "tree")];
      await writeFile(archive, initramfs);
      const file = await relinkKernel(ctx, {
        kernel,
        initramfs: archive,
        format,
        options,
        directory: tree,
        logFile,
      });
      await copyFile(file, path.join(directory, format));
      await rm(tree, { recursive: true });
      await rm(archive);
    },
  });
  const file = path.join(entry.path, format);
  return { path: file, format, sizeBytes: (await stat(file)).size, sha256: await hashFile(file), kernel };
}
