// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { requireSpace } from "./require-space.js";

test("is content with what is there, and says how much is missing", async () => {
  await using directory = await createTestDirectory();
  await requireSpace(directory.path, 1, "test");
  await expect(requireSpace(directory.path, 2 ** 40, "build it")).rejects.toMatchObject({
    code: "HOST_NO_SPACE",
    message: expect.stringMatching(
      /^Cannot build it: it takes up to 1099511627776 MiB, and ".*" has \d+ MiB left$/,
    ),
  });
});
