// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test, vi } from "vitest";
import { buildEnvironment } from "./environment.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("takes nothing from ours but where programs, the home and temporary files are", () => {
  vi.stubEnv("LD_PRELOAD", "/evil.so");
  vi.stubEnv("MAKEFLAGS", "-j99");
  vi.stubEnv("LC_ALL", "de_DE.UTF-8");
  vi.stubEnv("HOME", "/home/somebody");
  vi.stubEnv("TMPDIR", "/somewhere");
  const environment = buildEnvironment();
  expect(Object.keys(environment).sort()).toEqual(["HOME", "LANG", "PATH", "TMPDIR"]);
  expect(environment).toMatchObject({ HOME: "/home/somebody", LANG: "C.UTF-8", TMPDIR: "/somewhere" });
});

test("the user's directories come first, the system's are never missing, none is there twice", () => {
  vi.stubEnv("PATH", "/opt/bin:/usr/bin:/opt/bin");
  expect(buildEnvironment()["PATH"]).toBe(
    "/opt/bin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin",
  );
});

test("an empty entry of PATH, which would be the working directory, is dropped", () => {
  vi.stubEnv("PATH", ":/opt/bin::");
  expect(buildEnvironment()["PATH"]?.split(":")).not.toContain("");
});

test("what is given replaces what is built", () => {
  expect(buildEnvironment({ LANG: "C", CC: "gcc" })).toMatchObject({ LANG: "C", CC: "gcc" });
});
