// SPDX-License-Identifier: Apache-2.0
/** A directory for one test, gone afterwards. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export interface TestDirectory extends AsyncDisposable {
  readonly path: string;
}

/** @example await using directory = await createTestDirectory(); */
export async function createTestDirectory(): Promise<TestDirectory> {
  const directory = await mkdtemp(path.join(tmpdir(), "ukl-test-"));
  return { path: directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
