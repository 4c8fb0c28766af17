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
    build: {
      system: "c",
      source: { kind: "directory", path: "/apps/kv", except: ["ukl.config.ts", "kv.bzimage"] },
      ...{ files: ["kv.c"], flags: [], libraries: [], packages: [] },
    },
    ...{ programPath: undefined, modules: [], user: undefined, setup: [], shell: false },
    args: [],
    defaultArgs: [],
    env: {},
    cwd: "/",
    files: [],
    certificates: [],
    ports: [],
    udpPorts: [],
    memoryBytes: 128 * 2 ** 20,
    cpus: 1,
    ...{ level: "base", kernelConfig: [] },
    volumes: [],
    disks: [],
    clients: [],
    testSeconds: 120,
    test: undefined,
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
    kernelConfig: ["tuned"],
    network: "qemu",
    volumes: ["/data", "./src/state:/state", "/etc/ssl:/etc/ssl:ro"],
    disks: ["disk.img:/srv"],
  });
  expect(parseAppConfig(config, file)).toMatchObject({
    license: "MIT",
    ...{ kernelConfig: ["tuned"], network: "qemu" },
    build: {
      system: "make",
      // What the machine writes there is not what it is built from.
      source: { kind: "directory", path: "/apps/kv/src", except: ["state"] },
      directory: ".",
      options: [],
      targets: ["all"],
      variables: { V: "1" },
      program: "bin/kv",
    },
    files: [{ path: "/etc/kv.conf", file: "/apps/kv/kv.conf" }],
    memoryBytes: 1.5 * 2 ** 30,
    volumes: [
      { path: "/data", directory: undefined, readOnly: false },
      { path: "/state", directory: "/apps/kv/src/state", readOnly: false },
      { path: "/etc/ssl", directory: "/etc/ssl", readOnly: true },
    ],
    disks: [{ path: "/srv", image: "/apps/kv/disk.img", readOnly: false }],
  });
});

test("takes a source from elsewhere", () => {
  const source = { kind: "debian-source", package: "redis", version: "7.0.15" } as const;
  const config: AppConfig = { ...smallest, source, build: { system: "make" }, program: "redis" };
  expect(parseAppConfig(config, file).build).toMatchObject({ source });
});

test.each([
  ["make", { targets: ["all"], variables: { V: "1" } }],
  ["configure", { options: ["--without-tls"], variables: { V: "1" } }],
  ["cmake", { options: ["-DTLS=OFF"], targets: ["kv"] }],
  ["meson", { options: ["-Dtls=disabled"], directory: "sub" }],
] as const)("takes a build by %s, which all have one form", (system, settings) => {
  const app = parseAppConfig({ name: "kv", build: { system, ...settings }, program: "kv" }, file);
  const lists = { options: [], targets: [], packages: [], install: [], tools: [] };
  const defaults = { directory: ".", variables: {}, ...lists };
  expect(app.build).toMatchObject({ system, program: "kv", ...defaults, ...settings });
});

test("takes a TypeScript file, relative to the source", () => {
  const app = parseAppConfig({ name: "kv", build: { system: "typescript" }, program: "src/kv.ts" }, file);
  expect(app.build).toMatchObject({ system: "typescript", file: "src/kv.ts", source: { kind: "directory" } });
  expect(app.level).toBe("base");
});

test("takes a program that is there already, at the level of unmodified ones", () => {
  const app = parseAppConfig({ name: "kv", build: { system: "prebuilt" }, program: "bin/kv" }, file);
  expect(app).toMatchObject({ level: "compat", build: { system: "prebuilt", file: "/apps/kv/bin/kv" } });
});

test("takes code from a package, and libraries and tools from others", () => {
  const source = { kind: "debian-source", package: "lua5.4", version: "5.4.4" } as const;
  const needs = { packages: ["zlib1g-dev"], tools: ["tclsh"] };
  const c = { system: "c", files: ["src/lua.c"], packages: ["liblua5.4-dev"] };
  expect(parseAppConfig({ name: "lua", source, build: c }, file).build).toMatchObject({ source, ...c });
  const make = { name: "lua", source, build: { system: "make", ...needs }, program: "lua" };
  expect(parseAppConfig(make, file).build).toMatchObject({ source, ...needs });
});

test("lists the certificates that are to be made", () => {
  const { certificates } = parseAppConfig({ ...smallest, certificates: { "/etc/tls": "localhost" } }, file);
  expect(certificates).toEqual([{ path: "/etc/tls", host: "localhost" }]);
});

test("takes modules, a user and what is run first", () => {
  const app = parseAppConfig(
    {
      ...smallest,
      modules: { "/lib/a.so": "plugins/a.c", b: "b.c" },
      user: "kv",
      setup: [{ command: ["/bin/make-kv", "/data"], unless: "/data/kv" }, { command: ["/bin/check"] }],
    },
    file,
  );
  expect(app.modules).toEqual([
    { path: "/lib/a.so", file: "plugins/a.c" },
    { path: "b", file: "b.c" },
  ]);
  expect(app.user).toEqual({ name: "kv", id: undefined });
  expect(app.setup).toEqual([
    { command: ["/bin/make-kv", "/data"], unless: "/data/kv" },
    { command: ["/bin/check"], unless: undefined },
  ]);
  expect(parseAppConfig({ ...smallest, user: { name: "kv", id: 70 } }, file).user).toEqual({
    ...{ name: "kv", id: 70 },
  });
});

test("keeps the test", async () => {
  const { test } = parseAppConfig({ ...smallest, test: async () => {} }, file);
  expect(test).toBeTypeOf("function");
});

describe("says what is wrong", () => {
  test.each<[string, unknown, string]>([
    ["nothing at all", undefined, "the configuration is missing"],
    ["no object", 5, "the configuration is not an object"],
    ["a user that cannot be", { ...smallest, user: "K V" }, "user.name is not the name of a user"],
    ["root as another user", { ...smallest, user: { name: "kv", id: 0 } }, "user.id is root's"],
    ["no command", { ...smallest, setup: [{ command: [] }] }, "setup[0].command[0] is missing"],
    [
      "modules of a program that is there",
      { name: "kv", build: { system: "prebuilt" }, program: "kv", modules: { a: "a.so" } },
      'modules must be linked, which "prebuilt" does not',
    ],
    ["a missing key", { build: smallest.build }, "name is missing"],
    ["a wrong type", { ...smallest, args: "--port" }, "args is not an array"],
    ["a wrong element", { ...smallest, args: ["--port", 7000] }, "args[1] is not a string"],
    [
      "a bad name",
      { ...smallest, name: "My App" },
      "name may have lower-case letters, digits and hyphens only",
    ],
    ["an unknown key", { ...smallest, memroy: "1G" }, 'memroy is unknown: did you mean "memory"?'],
    [
      "an unknown key further in",
      { ...smallest, build: { ...smallest.build, flag: [] } },
      'build.flag is unknown: did you mean "flags"?',
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
    [
      "no system",
      { ...smallest, build: {} },
      "build.system is missing: c, make, configure, cmake, meson, typescript, prebuilt",
    ],
    [
      "the system as a key",
      { ...smallest, build: { make: true } },
      'build.system is missing: write "make" there, not as a key',
    ],
    [
      "a setting of another system",
      { ...smallest, build: { system: "make", files: [] } },
      "build.files is unknown",
    ],
    ["an unknown source", { ...smallest, source: { kind: "git" } }, 'source.kind is "git": must be one of'],
    ["a size", { ...smallest, memory: "lots" }, 'memory is not a size, such as "64M"'],
    ["too little", { ...smallest, memory: "1M" }, "memory is too small for a machine: 16M at least"],
    ["a port", { ...smallest, ports: [0] }, "ports[0] is below 1"],
    ["a fraction", { ...smallest, cpus: 1.5 }, "cpus is not a whole number"],
    [
      "a relative path in the guest",
      { ...smallest, volumes: ["/data/../etc"] },
      'volumes[0] is not an absolute path in the guest, such as "/data"',
    ],
    [
      "a directory without its place in the guest",
      { ...smallest, volumes: ["./data"] },
      'volumes[0] does not say where in the guest it is, such as "./data:/data"',
    ],
    [
      "a disk without its place in the guest",
      { ...smallest, disks: ["disk.img"] },
      'disks[0] is not an image with its place in the guest, such as "disk.img:/srv"',
    ],
    ["a test that is none", { ...smallest, test: "curl" }, "test is not a function"],
    [
      "a path of a file",
      { ...smallest, files: { "etc/x": "x" } },
      'files["etc/x"] is not an absolute path in the guest',
    ],
    [
      "a host",
      { ...smallest, certificates: { "/x": "a b" } },
      'certificates["/x"] is not the name of a host',
    ],
    ["an unknown client", { ...smallest, clients: ["digg"] }, 'clients[0] is "digg": did you mean "dig"?'],
    [
      "no program",
      { name: "kv", build: { system: "make" } },
      'program is missing: the path of what "make" builds',
    ],
    [
      "no TypeScript file",
      { ...smallest, build: { system: "typescript" } },
      "program is missing: the path of the TypeScript file",
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
        '  memroy is unknown: did you mean "memory"?',
      ].join("\n"),
    );
  });

  test("with the line of each, when it is known what was written", () => {
    const text = 'export default {\n  name: "kv",\n  memroy: "1G", cpu: 2,\n  ports: [1, "http"],\n};\n';
    const config = { name: "kv", memroy: "1G", cpu: 2, ports: [1, "http"] };
    expect(() => parseAppConfig(config, file, text)).toThrow(
      [
        `Cannot use "${file}": 4 problems`,
        `  ${file}:1: build is missing`,
        `  ${file}:3: memroy is unknown: did you mean "memory"?`,
        `  ${file}:3: cpu is unknown: did you mean "cpus"?`,
        `  ${file}:4: ports[1] is not a port number`,
      ].join("\n"),
    );
  });
});
