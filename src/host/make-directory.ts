// SPDX-License-Identifier: Apache-2.0
/** Makes a directory with its parents, and fails with the true reason. */

import { access, constants, mkdir } from "node:fs/promises";
import path from "node:path";
import { isSystemError } from "./system-error.js";

/** Like `mkdir -p`. On a read-only file system Node itself reports that the directory does not exist. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    if (isSystemError(error, "ENOENT")) await requireWritable(path.dirname(directory));
    throw error;
  }
}

/** Rejects with EROFS or EACCES when the nearest directory above that exists cannot be written. */
async function requireWritable(directory: string): Promise<void> {
  try {
    await access(directory, constants.W_OK);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    await requireWritable(path.dirname(directory));
  }
}
