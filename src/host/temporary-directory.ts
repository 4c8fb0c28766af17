// SPDX-License-Identifier: Apache-2.0
/** A directory for what nobody needs afterwards. */

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { isSystemError } from "./system-error.js";

export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
}

/**
 * Makes an empty directory, which is removed with all that is in it when it is disposed of.
 *
 * @param purpose part of its name: "bench" → /tmp/ukl-bench-a1B2c3
 * @throws UklError HOST_NOT_WRITABLE when there is no place for it; the system's error
 */
export async function createTemporaryDirectory(purpose: string): Promise<TemporaryDirectory> {
  const place = await mkdtemp(path.resolve(tmpdir(), `ukl-${purpose}-`)).catch((cause: unknown) => {
    if (!isSystemError(cause, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EROFS")) throw cause;
    throw new UklError(
      "HOST_NOT_WRITABLE",
      `Cannot make a temporary directory in "${tmpdir()}": ${reasonOf(cause)}`,
      {
        hint: "Name a directory that can be written: TMPDIR=DIR ukl …",
        cause,
      },
    );
  });
  return {
    path: place,
    [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true }),
  };
}

function reasonOf({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOENT":
      return existsSync(tmpdir()) ? "nothing can be made there" : "it does not exist";
    case "ENOTDIR":
      return "it is no directory";
    default:
      return "it cannot be written";
  }
}
