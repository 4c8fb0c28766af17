// SPDX-License-Identifier: Apache-2.0
/** Results of tests, kept in the cache by the hash of what was tested. */

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { manifestName } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { makeDirectory } from "../host/make-directory.js";

const recordSchema = z.object({
  /** ISO 8601. */
  testedAt: z.string(),
  durationMs: z.number(),
  /** Why it failed; undefined when it passed. */
  reason: z.string().optional(),
});

export type TestRecord = z.infer<typeof recordSchema>;

/** Remembers the last result for this key. */
export async function saveTestRecord(
  ctx: Context,
  name: string,
  key: string,
  record: TestRecord,
): Promise<void> {
  const directory = placeOf(ctx, name, key);
  await makeDirectory(directory);
  await writeFile(path.join(directory, manifestName), `${JSON.stringify(record, null, 2)}\n`);
}

/** The last result for this key; undefined when there is none. */
export async function findTestRecord(
  ctx: Context,
  name: string,
  key: string,
): Promise<TestRecord | undefined> {
  try {
    return recordSchema.parse(
      JSON.parse(await readFile(path.join(placeOf(ctx, name, key), manifestName), "utf8")),
    );
  } catch {
    return undefined;
  }
}

/** An entry of the cache like others, for `ukl cache`. */
function placeOf(ctx: Context, name: string, key: string): string {
  return path.join(ctx.cacheDir, "test", `${name}-${key.slice(0, 16)}`);
}
