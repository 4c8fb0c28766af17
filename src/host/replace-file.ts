// SPDX-License-Identifier: Apache-2.0
/** Writes a file whole, or not at all. */

import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { isSystemError } from "./system-error.js";

/**
 * Gives a file new content at once: who reads it sees the old or the new, and when the disk is full or we are killed the
 * old is still there. What is no file, as /dev/stdout, is written as usual.
 *
 * @throws the system's error
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const place = await ignoreMissing(realpath(file));
  if (place !== undefined && !(await stat(place)).isFile()) return writeFile(place, text);
  const target = place ?? file;
  const draft = `${target}.${process.pid}.new`;
  try {
    await writeFile(draft, text);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function ignoreMissing<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  });
}
