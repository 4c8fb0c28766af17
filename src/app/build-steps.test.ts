// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { SourceBuild } from "../config/app.js";
import { toolchainPlaces } from "../toolchain/toolchain-places.js";
import { type BuildSystem, buildSystems } from "./build-steps.js";

const place = {
  name: "kv",
  source: "/work/my kv",
  output: "/work/build",
  packageFlags: ["-isystem", "/packages/zlib/include", "-L/packages/zlib/lib"],
};
const toolchain = toolchainPlaces("/toolchain");

function stepsOf(system: BuildSystem, build: Partial<SourceBuild> = {}) {
  const defaults = { directory: ".", options: [], targets: [], variables: {}, packages: [], tools: [] };
  const source = { kind: "directory", path: "/work/my kv" } as const;
  return buildSystems[system].steps(
    { system, source, program: "kv", ...defaults, ...build },
    place,
    toolchain,
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
    expect(stepsOf("make")[0]?.args).toContain(`CC=${toolchain.cc} ${flags}`);
  });

  test("of configure", () => {
    expect(stepsOf("configure")[0]?.env).toMatchObject({ CXX: `${toolchain.cxx} ${flags}` });
  });

  test("of cmake", () => {
    expect(stepsOf("cmake")[0]?.env).toMatchObject({ CFLAGS: flags });
  });

  test("of meson", () => {
    expect(stepsOf("meson")[0]?.args).toContain(`-Dcpp_args=${flags}`);
  });
});

test("configure is made first where that is asked for", () => {
  const files = (build: Partial<SourceBuild>) => stepsOf("configure", build).map(({ file }) => file);
  expect(files({ autoreconf: true })).toEqual(["autoreconf", "./configure", "make"]);
  expect(files({})).toEqual(["./configure", "make"]);
});
