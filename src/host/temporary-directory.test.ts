// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createTemporaryDirectory } from "./temporary-directory.js";

afterEach(() => vi.unstubAllEnvs());

test("is there until it is disposed of, and gone with its content then", async () => {
  let place: string;
  {
    await using directory = await createTemporaryDirectory("purpose");
    place = directory.path;
    await writeFile(path.join(place, "file"), "");
    expect(place).toMatch(/\/ukl-purpose-\w+$/);
  }
  expect(existsSync(place)).toBe(false);
});

test("the reason is said when $TMPDIR is none", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "file");
  await writeFile(file, "");
  for (const [place, reason] of [
    [path.join(directory.path, "missing"), "it does not exist"],
    [file, "it is no directory"],
    ["/proc", "nothing can be made there"],
  ] as const) {
    vi.stubEnv("TMPDIR", place);
    await expect(createTemporaryDirectory("purpose")).rejects.toMatchObject({
      code: "HOST_NOT_WRITABLE",
      message: `Cannot make a temporary directory in "${place}": ${reason}`,
    });
  }
});
