// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { SourceBuild } from "../config/app.js";
import { toolchainPlaces } from "../toolchain/toolchain-places.js";
import { type BuildSystem, buildSystems } from "./build-steps.js";

const place = {
  name: "kv",
  source: "/work/my kv",
  output: "/work/build",
  flags: ["-isystem", "/packages/zlib/include", "-L/packages/zlib/lib"],
};
const toolchain = toolchainPlaces("/toolchain");

function sourceBuild(system: BuildSystem): SourceBuild {
  const source = { kind: "directory", path: "/work/my kv" } as const;
  const lists = { options: [], targets: [], packages: [], install: [], tools: [] };
  return { system, source, program: "kv", directory: ".", variables: {}, ...lists };
}

function stepsOf(system: BuildSystem, build: Partial<SourceBuild> = {}) {
  return buildSystems[system].steps({ ...sourceBuild(system), ...build }, place, toolchain);
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

test.each([
  ["make", ["make", "install", "DESTDIR=/root dir"], undefined],
  ["configure", ["make", "install", "DESTDIR=/root dir"], undefined],
  ["cmake", ["cmake", "--install", "/work/build"], "/root dir"],
  ["meson", ["ninja", "-C", "/work/build", "install"], "/root dir"],
] as const)("%s installs below a directory", (system, words, variable) => {
  const step = buildSystems[system].installStep(sourceBuild(system), place, "/root dir");
  expect([step.file, ...step.args]).toEqual(expect.arrayContaining([...words]));
  expect(step.env["DESTDIR"]).toBe(variable);
});

test("configure is made first where that is asked for", () => {
  const files = (build: Partial<SourceBuild>) => stepsOf("configure", build).map(({ file }) => file);
  expect(files({ autoreconf: true })).toEqual(["autoreconf", "./configure", "make"]);
  expect(files({})).toEqual(["./configure", "make"]);
});
