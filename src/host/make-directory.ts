// SPDX-License-Identifier: Apache-2.0
/** Makes a directory with its parents, and fails with the true reason. */

import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { isSystemError } from "./system-error.js";

/**
 * Like `mkdir -p`. Node's own calls a read-only file system a missing directory, and tries for ever where nothing can be
 * made, as in /proc.
 *
 * @throws UklError HOST_NOT_WRITABLE where nothing can be made; the system's error
 */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await makeOne(directory);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    await makeDirectory(path.dirname(directory));
    await makeOne(directory).catch((cause: unknown) => {
      if (!isSystemError(cause, "ENOENT")) throw cause;
      throw new UklError(
        "HOST_NOT_WRITABLE",
        `Cannot make the directory "${directory}": nothing can be made there`,
        {
          hint: "Choose another place; for the cache with UKL_CACHE_DIR=DIR ukl …",
          cause,
        },
      );
    });
  }
}

async function makeOne(directory: string): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    const there = isSystemError(error, "EEXIST") ? await stat(directory).catch(() => undefined) : undefined;
    if (there?.isDirectory() !== true) throw error;
  }
}
