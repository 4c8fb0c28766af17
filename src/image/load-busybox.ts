// SPDX-License-Identifier: Apache-2.0
/** An ordinary static program with many names: a shell, and what shells want. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../host/context.js";
import { fetchSource } from "../source/fetch-source.js";

/** The distribution's own, fetched or from the cache. */
export async function loadBusybox(ctx: Context): Promise<Uint8Array> {
  const { path: files } = await fetchSource(ctx, { kind: "debian-binary", package: "busybox-static" });
  return readFile(path.join(files, "bin", "busybox"));
}
