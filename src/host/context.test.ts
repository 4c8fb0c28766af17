// SPDX-License-Identifier: Apache-2.0
import { homedir } from "node:os";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { createContext, defaultCacheDir } from "./context.js";

test.each([
  [{ UKL_CACHE_DIR: "/a", XDG_CACHE_HOME: "/b" }, "/a"],
  [{ XDG_CACHE_HOME: "/b" }, "/b/ukl"],
  [{ UKL_CACHE_DIR: "", XDG_CACHE_HOME: "" }, path.join(homedir(), ".cache", "ukl")],
  [{}, path.join(homedir(), ".cache", "ukl")],
])("with %j the cache is %s", (env, expected) => {
  expect(defaultCacheDir(env)).toBe(expected);
});

test("an empty home is no place for it, and is not needed when another is named", () => {
  vi.stubEnv("HOME", "");
  expect(() => defaultCacheDir({})).toThrow("$HOME is empty");
  expect(defaultCacheDir({ UKL_CACHE_DIR: "/a" })).toBe("/a");
  vi.unstubAllEnvs();
});

test("is silent, not aborted and asks nobody, unless it is told otherwise", () => {
  const ctx = createContext();
  expect(ctx).toMatchObject({ assumeYes: false, interactive: false });
  expect(ctx.signal.aborted).toBe(false);
});

test("the cache's path is absolute: children have other working directories", () => {
  expect(createContext({ cacheDir: "here" }).cacheDir).toBe(path.resolve("here"));
});

test("many commands may listen to the one signal without a warning about a leak", () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  process.on("warning", onWarning);
  const { signal } = createContext();
  for (let index = 0; index < 50; index++) signal.addEventListener("abort", () => {});
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});
