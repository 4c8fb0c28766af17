// SPDX-License-Identifier: Apache-2.0
/** Keeps of what a build has installed the part that the image gets. */

import { cp, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { AppFile, SourceBuild } from "../config/app.js";
import { isElf } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { isSystemError } from "../host/system-error.js";

interface Installing {
  readonly name: string;
  readonly build: Pick<SourceBuild, "install">;
}

/**
 * Copies it, programs without their debug information.
 *
 * @param root the DESTDIR
 * @param directory the application's cache entry
 * @throws UklError APP_BUILD_FAILED when a path was not installed
 */
export async function takeInstalled(
  ctx: Context,
  { name, build }: Installing,
  root: string,
  directory: string,
): Promise<void> {
  for (const { path: guestPath, file } of installedFiles(build, directory)) {
    try {
      await cp(path.join(root, guestPath), file, { recursive: true, verbatimSymlinks: true });
    } catch (error) {
      if (!isSystemError(error, "ENOENT", "ENOTDIR")) throw error;
      throw new UklError("APP_BUILD_FAILED", `Cannot build "${name}": it did not install "${guestPath}"`, {
        hint: 'Correct "install" in its configuration',
      });
    }
    await stripPrograms(ctx, file);
  }
}

/** Where the cache entry has them. */
export function installedFiles({ install }: Installing["build"], directory: string): AppFile[] {
  return install.map((guestPath) => ({
    path: path.normalize(guestPath).replace(/\/$/, ""),
    file: path.join(directory, "installed", guestPath),
  }));
}

async function stripPrograms(ctx: Context, place: string): Promise<void> {
  for (const file of await listFiles(place))
    if (isElf(await readFile(file))) await runCommand(ctx, "objcopy", ["--strip-debug", file]);
}

async function listFiles(place: string): Promise<string[]> {
  try {
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  } catch (error) {
    if (isSystemError(error, "ENOTDIR")) return [place];
    throw error;
  }
}
