// SPDX-License-Identifier: Apache-2.0
/**
 * Makes a directory pass for a kernel's source tree, by links to what is in the real one.
 *
 * A build directory inside its source tree reaches it as "..": so recorded commands have no absolute
 * path, and the compiler cache knows a file again when the tree has another hash in its name. In
 * the real tree, which other builds share, a build directory may not be.
 */

import { mkdir, readdir, symlink } from "node:fs/promises";
import path from "node:path";
import { isSystemError } from "../host/system-error.js";

/** Links everything at the top of `source`, which must not move, into `directory`. May be repeated. */
export async function linkSource(source: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(source)) {
    try {
      await symlink(path.join(source, name), path.join(directory, name));
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) throw error;
    }
  }
}
