// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { UklError } from "../errors/ukl-error.js";
import { type AppConfig, defineApp } from "./define-app.js";
import { parseAppConfig } from "./parse-app-config.js";

const file = "/apps/kv/ukl.config.ts";
const smallest: AppConfig = { name: "kv", build: { system: "c", files: ["kv.c"] } };

function problemsOf(config: unknown): string {
  try {
    parseAppConfig(config, file);
  } catch (error) {
    if (error instanceof UklError && error.code === "APP_INVALID") return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

test("fills in what is left out", () => {
  expect(parseAppConfig(smallest, file)).toEqual({
    name: "kv",
    summary: "",
    license: undefined,
    build: { system: "c", directory: "/apps/kv", files: ["kv.c"], flags: [], libraries: [] },
    args: [],
    env: {},
    cwd: "/",
    files: [],
    ports: [],
    memoryBytes: 128 * 2 ** 20,
    cpus: 1,
    level: "base",
    volumes: [],
  });
});

test("keeps what is given, and makes paths absolute", () => {
  const config = defineApp({
    name: "kv",
    license: "MIT",
    source: "./src",
    build: { system: "make", targets: ["all"], variables: { V: "1" } },
    program: "bin/kv",
    args: ["--port", "7000"],
    files: { "/etc/kv.conf": "kv.conf" },
    ports: [7000],
    memory: "1.5G",
    volumes: ["/data"],
  });
  expect(parseAppConfig(config, file)).toMatchObject({
    license: "MIT",
    build: {
      system: "make",
      source: { kind: "directory", path: "/apps/kv/src" },
      directory: ".",
      targets: ["all"],
      variables: { V: "1" },
      program: "bin/kv",
    },
    files: [{ path: "/etc/kv.conf", file: "/apps/kv/kv.conf" }],
    memoryBytes: 1.5 * 2 ** 30,
  });
});

test("takes a source from elsewhere", () => {
  const source = { kind: "debian-source", package: "redis", version: "7.0.15" } as const;
  const config: AppConfig = { ...smallest, source, build: { system: "make" }, program: "redis" };
  expect(parseAppConfig(config, file).build).toMatchObject({ source });
});

describe("says what is wrong", () => {
  test.each<[string, unknown, string]>([
    ["nothing at all", undefined, "the configuration is missing"],
    ["no object", 5, "the configuration is not an object"],
    ["a missing key", { build: smallest.build }, "name is missing"],
    ["a wrong type", { ...smallest, args: "--port" }, "args is not an array"],
    ["a wrong element", { ...smallest, args: ["--port", 7000] }, "args[1] is not a string"],
    [
      "a bad name",
      { ...smallest, name: "My App" },
      "name may have lower-case letters, digits and hyphens only",
    ],
    [
      "an unknown key",
      { ...smallest, memroy: "1G" },
      'the configuration has an unknown key "memroy": did you mean "memory"?',
    ],
    [
      "an unknown key further in",
      { ...smallest, build: { ...smallest.build, flag: [] } },
      'build has an unknown key "flag": did you mean "flags"?',
    ],
    ["an unknown choice", { ...smallest, level: "bse" }, 'level is "bse": did you mean "base"?'],
    [
      "a choice that is near to none",
      { ...smallest, level: "x" },
      'level is "x": must be one of linux, compat, base',
    ],
    [
      "an unknown system",
      { ...smallest, build: { system: "mkae" } },
      'build.system is "mkae": did you mean "make"?',
    ],
    ["no system", { ...smallest, build: {} }, "build.system is missing: c, make"],
    ["an unknown source", { ...smallest, source: { kind: "git" } }, 'source.kind is "git": must be one of'],
    ["a size", { ...smallest, memory: "lots" }, 'memory is not a size, such as "64M"'],
    ["too little", { ...smallest, memory: "1M" }, "memory is too small for a machine: 16M at least"],
    ["a port", { ...smallest, ports: [0] }, "ports[0] is below 1"],
    ["a fraction", { ...smallest, cpus: 1.5 }, "cpus is not a whole number"],
    [
      "a relative path in the guest",
      { ...smallest, volumes: ["data"] },
      'volumes[0] is not an absolute path in the guest, such as "/data"',
    ],
    [
      "a path of a file",
      { ...smallest, files: { "etc/x": "x" } },
      'files["etc/x"] is not an absolute path in the guest',
    ],
    [
      "no program",
      { name: "kv", build: { system: "make" } },
      'program is missing: the path of what "make" builds',
    ],
    ["a useless program", { ...smallest, program: "kv" }, "program has no use"],
  ])("%s", (_name, config, problem) => {
    expect(problemsOf(config)).toContain(`Cannot use "${file}": ${problem}`);
  });

  test("all at once", () => {
    expect(problemsOf({ name: "", memroy: "1G", ports: ["http"] })).toBe(
      [
        `Cannot use "${file}": 4 problems`,
        "  name may have lower-case letters, digits and hyphens only",
        "  build is missing",
        "  ports[0] is not a port number",
        '  the configuration has an unknown key "memroy": did you mean "memory"?',
      ].join("\n"),
    );
  });
});
