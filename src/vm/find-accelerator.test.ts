// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "../host/context.js";
import { findAccelerator } from "./find-accelerator.js";

test("does not probe when emulation is wanted", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  expect(await findAccelerator(ctx, "tcg", "/no/kernel")).toEqual({
    kind: "tcg",
    reason: "it was asked for",
  });
  expect(existsSync(path.join(directory.path, "probe"))).toBe(false);
});
