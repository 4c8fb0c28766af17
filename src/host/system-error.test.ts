// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError, isSystemError } from "./system-error.js";

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, path: "/a" });
}

describe("what a user can do something about", () => {
  test.each([
    ["ENOSPC", "HOST_NO_SPACE", "no space left on the device"],
    ["EDQUOT", "HOST_NO_SPACE", "no space left on the device"],
    ["EACCES", "HOST_NOT_WRITABLE", "permission denied"],
    ["EPERM", "HOST_NOT_WRITABLE", "permission denied"],
    ["EROFS", "HOST_NOT_WRITABLE", "the file system is read-only"],
  ])("%s becomes %s", (code, uklCode, reason) => {
    const cause = systemError(code);
    expect(explainSystemError(cause, "write the log")).toMatchObject({
      name: "UklError",
      code: uklCode,
      message: `Cannot write the log: ${reason} ("/a")`,
      hint: expect.any(String),
      cause,
    });
  });

  test("is recognised in what Node itself throws", async () => {
    const error = await writeFile("/dev/full", "x").catch((error: unknown) => error);
    expect(isSystemError(error, "ENOSPC")).toBe(true);
    expect(explainSystemError(error, "write")).toBeInstanceOf(UklError);
  });
});

test.each([
  systemError("ENOENT"),
  new TypeError("a bug"),
  new UklError("VM_TIMEOUT", "known"),
  "text",
  undefined,
])("%o stays what it is", (error) => {
  expect(explainSystemError(error, "go on")).toBe(error);
});
