// SPDX-License-Identifier: Apache-2.0
/** Writes a file of ours whole, or not at all. */

import { rename, rm, writeFile } from "node:fs/promises";

/**
 * Gives a file new content at once: who reads it sees the old or the new, and when the disk is full or we are killed the
 * old is still there.
 *
 * @throws the system's error
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  try {
    await writeFile(draft, text);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}
