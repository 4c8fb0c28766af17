// SPDX-License-Identifier: Apache-2.0
/** A program of the distribution for the guest, dynamic as it is, with its loader and libraries. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { findSharedLibraries } from "../elf/find-shared-libraries.js";
import { parseElf } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { fetchSource } from "../source/fetch-source.js";
import type { GuestFile } from "./initramfs.js";

export interface PackageProgram {
  readonly package: string;
  /** Its place in the package, "/usr/bin/stress-ng"; and in the guest. */
  readonly path: string;
}

export interface LoadedProgram {
  /** On this host. */
  readonly file: string;
  /** Of the package. */
  readonly version: string;
  /** The loader and the libraries; the program itself is not among them. */
  readonly libraries: readonly GuestFile[];
}

/**
 * Fetches the package with what it depends on, or finds it in the cache.
 *
 * @throws UklError IMAGE_INVALID when a library is missing; what `fetchSource` throws
 */
export async function loadPackageProgram(ctx: Context, program: PackageProgram): Promise<LoadedProgram> {
  const source = { kind: "debian-binary", package: program.package, dependencies: true } as const;
  const { path: tree, version } = await fetchSource(ctx, source);
  const file = path.join(tree, program.path);
  const libraries = await findSharedLibraries(parseElf(await readFile(file), file), file, tree);
  const files = libraries.map(async ({ name, file: found }): Promise<GuestFile> => {
    if (found === undefined)
      throw new UklError(
        "IMAGE_INVALID",
        `Cannot put "${program.path}" into the image: the packages that "${program.package}" depends on have no ${name}`,
      );
    const place = name.startsWith("/") ? name : path.join(libraryDirectory, name);
    return { path: place, mode: 0o755, data: await readFile(found) };
  });
  return { file, version, libraries: await Promise.all(files) };
}

/** Where Debian's loader looks without any configuration. */
const libraryDirectory = "/lib/x86_64-linux-gnu";
