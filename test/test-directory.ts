// SPDX-License-Identifier: Apache-2.0
/** A directory for one test, gone afterwards. */

import { createTemporaryDirectory, type TemporaryDirectory } from "../src/host/temporary-directory.js";

export type TestDirectory = TemporaryDirectory;

/** @example await using directory = await createTestDirectory(); */
export function createTestDirectory(): Promise<TestDirectory> {
  return createTemporaryDirectory("test");
}
