// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { UklError } from "../errors/ukl-error.js";
import { adviseBuild, explainBuildFailure } from "./explain-build-failure.js";

test.each([
  ["/usr/bin/ld: cannot find -lfoo++: No such file or directory", "libfoo++.a"],
  [
    "/usr/bin/ld: attempted static link of dynamic object `/usr/lib/libz.so'",
    'in place of "/usr/lib/libz.so"',
  ],
  ["kv.c:3: undefined reference to `deflate'", '"deflate"'],
  ["gcc: error: shared libraries do not exist in Unikernel Linux: build a static library (…)", '"targets"'],
  ["kv.c:1:10: fatal error: uv.h: No such file or directory", "apt-file search uv.h"],
])("%s", (output, advice) => {
  expect(adviseBuild(output)).toContain(advice);
});

test("what is not known is left to its own words", () => {
  expect(adviseBuild("make: *** [kv] Error 1")).toBeUndefined();
});

test("a failed command becomes the application's failure, with advice before where to look", () => {
  const failure = new UklError("HOST_COMMAND_FAILED", 'Cannot run "make": cannot find -lfoo', {
    hint: "Read the log",
  });
  expect(explainBuildFailure("kv", failure)).toMatchObject({
    code: "APP_BUILD_FAILED",
    message: 'Cannot build "kv": Cannot run "make": cannot find -lfoo',
    hint: expect.stringMatching(/libfoo\.a[\s\S]*\nRead the log$/),
  });
  const bug = new TypeError("bug");
  expect(explainBuildFailure("kv", bug)).toBe(bug);
});
