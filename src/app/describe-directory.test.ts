// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDirectory, type TestDirectory } from "../../test/test-directory.js";
import { loadAppConfig } from "../config/load-app-config.js";
import { parseAppConfig } from "../config/parse-app-config.js";
import { requirements } from "../host/requirements.js";
import { describeDirectory, nothingToBuild } from "./describe-directory.js";
import { formatAppConfig, suggestConfig } from "./suggest-config.js";

let directory: TestDirectory;
beforeEach(async () => {
  directory = await createTestDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

type Files = Readonly<Record<string, string>>;

async function write(files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory.path, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode: name === "configure" ? 0o755 : 0o644 });
  }
}

const look = () => describeDirectory(directory.path);
const program = "int main(int argc, char **argv)\n{ return 0; }\n";

describe("finds", () => {
  test.each<[string, Files, unknown]>([
    [
      "a makefile and its program",
      { Makefile: "kv: kv.o\n\tcc\n" },
      { build: { system: "make" }, programs: ["kv"] },
    ],
    [
      "a makefile that keeps its program to itself",
      { makefile: "all:\n\tsh build\n" },
      { what: "the makefile", programs: [] },
    ],
    [
      "a configure script, with the programs that automake names",
      {
        configure: "",
        "Makefile.in": "bin_PROGRAMS = kv$(EXEEXT) kvctl$(EXEEXT)\n",
        Makefile: "# by automake\n",
      },
      { build: { system: "configure" }, programs: ["kv", "kvctl"] },
    ],
    [
      "cmake, with a program further in",
      { "CMakeLists.txt": "add_subdirectory(src)\n", "src/CMakeLists.txt": "add_executable( kvd kv.c)\n" },
      { build: { system: "cmake" }, programs: ["src/kvd"] },
    ],
    [
      "cmake behind a makefile",
      { "CMakeLists.txt": "add_executable(kv)", Makefile: "all:\n\tcmake -B build\n" },
      { build: { system: "cmake" } },
    ],
    ["one C file", { "kv.c": program }, { build: { system: "c", files: ["kv.c"] }, programs: undefined }],
    [
      "several C files, the one with main first, and their libraries",
      { "a.c": "#include <math.h>\nint f(void);\n", "kv.c": `#include <zlib.h>\n${program}` },
      { build: { system: "c", files: ["kv.c", "a.c"], libraries: ["m", "z"] } },
    ],
  ])("%s", async (_name, files, expected) => {
    await write(files);
    expect((await look()).builds[0]).toMatchObject(expected as object);
  });

  test("several programs, each of them one to choose", async () => {
    await write({ "one.c": program, "two.c": program, "both.c": "int f;\n" });
    expect((await look()).builds.map(({ what }) => what)).toEqual(["one.c, both.c", "two.c, both.c"]);
  });

  test("the ports that the sources mention, not those of their comments", async () => {
    await write({
      "kv.c": `#define KV_PORT 7000\n// port 1\n/* port = 2 */ a(htons(8080)); int support = 3;\n${program}`,
    });
    expect((await look()).ports).toEqual([8080, 7000]);
  });

  test("programs, and why others are none", async () => {
    await write({ "kv.c": program, serve: "#!/usr/bin/env python3\n" });
    const run = (command: string): void => void execFileSync("sh", ["-c", command], { cwd: directory.path });
    run("gcc -static -o kv kv.c && strip kv && gcc -o dynamic kv.c && rm kv.c && chmod +x serve");
    // The machine is the ELF header's bytes 18 and 19.
    run("cp kv arm && printf '\\267' | dd of=arm bs=1 seek=18 conv=notrunc status=none");
    const { builds, rejected } = await look();
    expect(builds).toEqual(
      ["dynamic", "kv"].map((name) => ({
        what: `the program ${name}`,
        build: { system: "prebuilt" },
        programs: [name],
      })),
    );
    expect(rejected).toEqual([
      '"arm": it is for aarch64, not for x86-64',
      '"serve": it is a script for python3',
    ]);
  });

  test("C files of which none is a program", async () => {
    await write({ "kv.c": "int kv(void) { return 7; }\n" });
    const described = await look();
    expect(described).toMatchObject({ builds: [], rejected: ['"kv.c": it has no main()'] });
    expect(nothingToBuild(described).message).toBe(
      `Cannot run "${directory.path}": it has no program: "kv.c": it has no main()`,
    );
  });

  test("TypeScript by the name of its file, or when there is one file only", async () => {
    await write({
      "store.ts": "",
      "main.test.ts": "",
      "ukl.config.ts": "",
      "api.d.ts": "",
      "vite.config.ts": "",
    });
    const found = async () => (await look()).builds.map(({ build, programs }) => [build.system, programs]);
    expect(await found()).toEqual([["typescript", ["store.ts"]]]);
    await write({ "other.ts": "" });
    expect(await found()).toEqual([]);
    await write({ "main.ts": "", "server.ts": "serve({ port: 8080 }, answer);" });
    expect(await found()).toEqual([
      ["typescript", ["server.ts"]],
      ["typescript", ["main.ts"]],
    ]);
    expect((await look()).ports).toEqual([8080]);
  });

  test("last what needs a tool that is not installed", async () => {
    await write({ "meson.build": "executable('kv', 'kv.c')", "kv.c": program });
    const systems = async () => (await look()).builds.map(({ build }) => build.system);
    const table: Record<string, unknown> = requirements;
    const { meson, ninja } = requirements;
    const present = { probe: { program: "sh" }, debianPackage: "x", neededFor: [] };
    try {
      Object.assign(table, { meson: present, ninja: present });
      expect(await systems()).toEqual(["meson"]);
      table["ninja"] = { ...present, probe: { program: "ukl-no-such" } };
      expect(await systems()).toEqual(["c", "meson"]);
    } finally {
      Object.assign(table, { meson, ninja });
    }
  });
});

test("nothing to build is said so, with what it looked for", async () => {
  await write({ "README.md": "" });
  const error = nothingToBuild(await look());
  expect(error.message).toBe(`Cannot run "${directory.path}": there is nothing to build in it`);
  expect(error.hint).toContain("CMakeLists.txt");
});

test("a directory that is not there is said so", async () => {
  await expect(describeDirectory(path.join(directory.path, "no"))).rejects.toMatchObject({
    code: "APP_NOT_FOUND",
  });
});

describe("the suggested configuration", () => {
  test("is written so that it loads as what it is", async () => {
    await write({ "kv.c": `#include <math.h>\nint port = 7000;\n${program}` });
    const description = await look();
    const [build] = description.builds;
    if (build === undefined) throw new Error("nothing was found");
    const config = suggestConfig(description, build);
    const file = path.join(directory.path, "ukl.config.ts");
    // The package itself is loaded elsewhere (load-app-config.test.ts).
    await writeFile(
      file,
      formatAppConfig(config).replace(/^import .*$/m, "const defineApp = (app: object) => app;"),
    );
    expect(await loadAppConfig(file)).toEqual(parseAppConfig(config, file));
  });

  test("reads like one that a person wrote", () => {
    const text = formatAppConfig({
      name: "kv",
      build: { system: "make", variables: { WITH_TLS: "no" } },
      program: "kv-server",
      files: { "/etc/kv.conf": "kv.conf" },
      ports: [7000],
    });
    expect(text).toBe(`import { defineApp } from "ukl";

export default defineApp({
  name: "kv",
  build: { system: "make", variables: { WITH_TLS: "no" } },
  program: "kv-server",
  files: { "/etc/kv.conf": "kv.conf" },
  ports: [7000],
});
`);
  });
});
