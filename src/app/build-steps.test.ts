// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { SourceBuild } from "../config/app.js";
import { type BuildSystem, buildSystems } from "./build-steps.js";

const place = {
  name: "kv",
  source: "/work/my kv",
  output: "/work/build",
  packageFlags: ["-isystem", "/packages/zlib/include", "-L/packages/zlib/lib"],
};
const compilers = { cc: "/toolchain/bin/gcc", cxx: "/toolchain/bin/g++" };

function stepsOf(system: BuildSystem, build: Partial<SourceBuild> = {}) {
  const defaults = { directory: ".", options: [], targets: [], variables: {}, packages: [], tools: [] };
  const source = { kind: "directory", path: "/work/my kv" } as const;
  return buildSystems[system].steps(
    { system, source, program: "kv", ...defaults, ...build },
    place,
    compilers,
  );
}

const flags = [
  "'-ffile-prefix-map=/work/my kv=/usr/src/kv'",
  "-ffile-prefix-map=/work/build=/usr/src/kv/build",
  "-isystem /packages/zlib/include",
  "-L/packages/zlib/lib",
].join(" ");

describe("the packages that a build uses are known to the compiler", () => {
  test("of make", () => {
    expect(stepsOf("make")[0]?.args).toContain(`CC=/toolchain/bin/gcc ${flags}`);
  });

  test("of configure", () => {
    expect(stepsOf("configure")[0]?.env).toMatchObject({ CXX: `/toolchain/bin/g++ ${flags}` });
  });

  test.each(["cmake", "meson"] as const)("of %s", (system) => {
    expect(stepsOf(system)[0]?.env).toMatchObject({ CFLAGS: flags });
  });
});

test("configure is made first where that is asked for", () => {
  const files = (build: Partial<SourceBuild>) => stepsOf("configure", build).map(({ file }) => file);
  expect(files({ autoreconf: true })).toEqual(["autoreconf", "./configure", "make"]);
  expect(files({})).toEqual(["./configure", "make"]);
});
