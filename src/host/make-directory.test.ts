// SPDX-License-Identifier: Apache-2.0
import { stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { makeDirectory } from "./make-directory.js";

test("makes the parents too, and is content with what is there", async () => {
  await using directory = await createTestDirectory();
  const place = path.join(directory.path, "a", "b", "c");
  await makeDirectory(place);
  await makeDirectory(place);
  expect((await stat(place)).isDirectory()).toBe(true);
});

test("a file in the way is told, and a link that leads nowhere", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "file");
  await writeFile(file, "");
  await expect(makeDirectory(file)).rejects.toMatchObject({ code: "EEXIST" });
  await symlink("missing", path.join(directory.path, "link"));
  await expect(makeDirectory(path.join(directory.path, "link"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeDirectory(path.join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test("a place where not even root may write is not called missing", async () => {
  await expect(makeDirectory("/sys/ukl/below")).rejects.toMatchObject({
    code: expect.stringMatching(/^(EACCES|EPERM|EROFS)$/),
  });
});

test("a place where nothing can be made is told, and not tried for ever", async () => {
  await expect(makeDirectory("/proc/ukl/below")).rejects.toMatchObject({
    code: "HOST_NOT_WRITABLE",
    message: 'Cannot make the directory "/proc/ukl": nothing can be made there',
  });
});
