// SPDX-License-Identifier: Apache-2.0
/** Looks for free space before something big is begun: some tools wait for ever on a full disk, and all waste time. */

import { statfs } from "node:fs/promises";
import { UklError } from "../errors/ukl-error.js";

/**
 * Makes sure that a directory's file system has room.
 *
 * @param action what needs it, as "fetch the package lists"
 * @throws UklError HOST_NO_SPACE
 */
export async function requireSpace(directory: string, neededMib: number, action: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const freeMib = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMib >= neededMib) return;
  throw new UklError(
    "HOST_NO_SPACE",
    `Cannot ${action}: it takes up to ${neededMib} MiB, and "${directory}" has ${freeMib} MiB left`,
    {
      hint: "Free some space, let go of old builds (ukl cache prune), or choose another cache directory: UKL_CACHE_DIR=DIR ukl …",
    },
  );
}
