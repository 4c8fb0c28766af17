// SPDX-License-Identifier: Apache-2.0
/** Directories of every build system, built by the real toolchain and run in ring 3. */

import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { type BuiltApp, buildApp } from "../../src/app/build-app.js";
import { resolveApp } from "../../src/app/resolve-app.js";
import type { AppConfig } from "../../src/config/define-app.js";
import { parseAppConfig } from "../../src/config/parse-app-config.js";
import { createContext } from "../../src/host/context.js";
import { requireTools } from "../../src/host/require-tools.js";
import { runCommand } from "../../src/host/run-command.js";
import { silentLog } from "../../src/log/log.js";
import { ctx, run, useDirectory } from "./fixture.js";

type Files = Readonly<Record<string, string>>;

async function write(directory: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode: name === "configure" ? 0o755 : 0o644 });
  }
}

/** A directory of its own with these files; none of its builds is in the cache from an earlier run. */
async function useProject(files: Files): Promise<string> {
  const directory = path.join(useDirectory(), "my project");
  await write(directory, { ...files, "unique.txt": directory });
  return directory;
}

/** Builds it; `steps` are those that the log named. */
async function build(
  directory: string,
  config: Omit<AppConfig, "name">,
): Promise<BuiltApp & { steps: string[] }> {
  const steps: string[] = [];
  const log = {
    ...silentLog,
    step: <T>(title: string, run: (log: typeof silentLog) => Promise<T>): Promise<T> => {
      steps.push(title);
      return run(log);
    },
  };
  const app = parseAppConfig({ name: "kv", ...config }, path.join(directory, "ukl.config.ts"));
  return { ...(await buildApp(createContext({ ...ctx, log }), app)), steps };
}

async function output({ program }: BuiltApp): Promise<string> {
  return (await run(program)).stdout;
}

const source = {
  "kv.c":
    '#include <stdio.h>\n#include "kv.h"\nint answer(void);\nint main(void) { printf(FORMAT, answer()); return 0; }\n',
  "kv.h": '#define FORMAT "answer %d\\n"\n',
  "answer.c": "int answer(void) { return 42; }\n",
};
/** As many write them: without a word about headers. */
const makefile = "kv: kv.o answer.o\n\t$(CC) -o $@ $^ $(LIBS)\n";

describe("make", () => {
  const config = { build: { system: "make" }, program: "kv" } as const;

  test("builds elsewhere, and again only what an edit concerns", async () => {
    const directory = await useProject({ ...source, Makefile: makefile });
    expect(await output(await build(directory, config))).toBe("answer 42\n");
    expect((await readdir(directory)).sort()).toEqual(["Makefile", "answer.c", "kv.c", "kv.h", "unique.txt"]);

    await write(directory, { "answer.c": "int answer(void) { return 43; }\n" });
    const { program, steps, ...built } = await build(directory, config);
    expect(await output({ program, ...built })).toBe("answer 43\n");
    expect(await compiled(program)).toEqual(["answer.o"]);

    expect((await build(directory, config)).steps).toEqual([]);
  });

  /** The objects that the build of a program has made, by its log. */
  async function compiled(program: string): Promise<string[]> {
    const entry = path.basename(path.dirname(program));
    const log = await readFile(path.join(ctx.cacheDir, "logs", `app-${entry}.log`), "utf8");
    return [...log.matchAll(/ -o (\w+\.o) /g)].map(([, name = ""]) => name).sort();
  }

  test("does not take an old object for a new one when a header has changed", async () => {
    const directory = await useProject({ ...source, Makefile: makefile });
    await build(directory, config);
    await write(directory, { "kv.h": '#define FORMAT "it is %d\\n"\n' });
    expect(await output(await build(directory, config))).toBe("it is 42\n");
  });

  test("nor when a file is included that make knows nothing of", async () => {
    const all = "kv: kv.c\n\t$(CC) -o $@ kv.c\n";
    const directory = await useProject({
      ...source,
      "kv.c": `${source["kv.c"]}#include "answer.c"\n`,
      Makefile: all,
    });
    expect(await output(await build(directory, config))).toBe("answer 42\n");
    await write(directory, { "answer.c": "int answer(void) { return 44; }\n" });
    expect(await output(await build(directory, config))).toBe("answer 44\n");
  });

  test("is not taken in by what another compiler has left there", async () => {
    const directory = await useProject({ ...source, Makefile: makefile });
    await run("make", ["-C", directory]);
    expect(await readdir(directory)).toContain("kv.o");
    const built = await build(directory, config);
    expect(built.kind).toBe("linked-base");
    expect(await output(built)).toBe("answer 42\n");
  });

  test("a library that is missing is named, with what to do", async () => {
    const directory = await useProject({ ...source, Makefile: makefile });
    const missing = { ...config, build: { ...config.build, variables: { LIBS: "-lno-such" } } };
    await expect(build(directory, missing)).rejects.toMatchObject({
      code: "APP_BUILD_FAILED",
      message: expect.stringContaining("cannot find -lno-such"),
      hint: expect.stringMatching(/libno-such\.a[\s\S]*Read the log: /),
    });
  });

  test.each([
    ["a program that is not there", { ...config, program: "kw" }, "left no program", 'there is no "kw"'],
    [
      "a Makefile that is not there",
      { ...config, build: { ...config.build, directory: "src" } },
      "there is no Makefile",
      '"build"',
    ],
    [
      "a program of another compiler",
      { ...config, build: { ...config.build, targets: ["host"] } },
      "another compiler linked it",
      "CC",
    ],
  ])("%s is said so", async (_name, wrong, message, hint) => {
    const directory = await useProject({
      ...source,
      "src/x": "",
      Makefile: `${makefile}host:\n\tgcc -o kv kv.c answer.c\n`,
    });
    await expect(build(directory, wrong)).rejects.toMatchObject({
      code: "APP_BUILD_FAILED",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });
});

describe("C files", () => {
  const config = { build: { system: "c", files: ["kv.c", "answer.c"] } } as const;

  test("are compiled one by one, and only when they or their headers change", async () => {
    const directory = useDirectory();
    // Unique, so that no earlier run has filled the cache.
    const unique = {
      ...source,
      "answer.c": `/* ${directory} */ const char *place = "${directory}"; ${source["answer.c"]}`,
    };
    await write(directory, unique);
    const first = await build(directory, config);
    expect(await output(first)).toBe("answer 42\n");
    expect(first.steps).toContain("Compiling answer.c");
    await write(directory, { "answer.c": unique["answer.c"].replace("42", "45") });
    const second = await build(directory, config);
    expect(await output(second)).toBe("answer 45\n");
    expect(second.steps).toEqual(["Compiling answer.c", "Linking kv"]);
  });

  test("a library that is missing is named, with what to do", async () => {
    const directory = await useProject(source);
    const missing = { build: { ...config.build, libraries: ["no-such"] } };
    await expect(build(directory, missing)).rejects.toMatchObject({
      code: "APP_BUILD_FAILED",
      message: expect.stringMatching(/^Cannot link "kv"\n[\s\S]*cannot find -lno-such/),
      hint: expect.stringContaining("libno-such.a"),
    });
  });

  test("one that is not there is the configuration's mistake", async () => {
    const directory = await useProject(source);
    await expect(build(directory, { build: { system: "c", files: ["kw.c"] } })).rejects.toMatchObject({
      code: "APP_INVALID",
      message: `Cannot compile "kw.c": it is not in "${directory}"`,
    });
  });
});

test("a program that is there already has the level that it was built for", async () => {
  const directory = await useProject(source);
  const { program } = await build(directory, { build: { system: "c", files: ["kv.c", "answer.c"] } });
  await copyFile(program, path.join(directory, "built"));
  const config = 'export default { name: "kv", build: { system: "prebuilt" }, program: "built" };';
  await write(directory, { "ukl.config.ts": config });
  expect(await resolveApp(directory)).toMatchObject({ level: "base" });
});

/** Enough of what autoconf writes: it refuses a source that is configured, and hands CC on. */
const configure = `#!/bin/sh
test ! -f config.status || { echo "already configured" >&2; exit 1; }
echo >config.status
echo "$CC -c probe.c" && echo 'int main(void) { return 0; }' >probe.c && $CC -o probe probe.c && ./probe || exit 1
printf 'CC = %s\\nCFLAGS = %s\\n' "$CC" "$*" >Makefile
printf 'kv: kv.c answer.c\\n\\t$(CC) $(CFLAGS) -o $@ kv.c answer.c\\n' >>Makefile
`;

test("configure and make build in a copy, which is configured once", async () => {
  // A build in place has been here before.
  const directory = await useProject({
    ...source,
    configure,
    "config.status": "",
    Makefile: "CC = gcc\nkv:\n\tfalse\n",
  });
  const config = { build: { system: "configure", options: ["-DX=1"] }, program: "kv" } as const;
  expect(await output(await build(directory, config))).toBe("answer 42\n");
  await write(directory, { "answer.c": "int answer(void) { return 41 + X; }\n" });
  expect(await output(await build(directory, config))).toBe("answer 42\n");
});

const cmakeLists = 'cmake_minimum_required(VERSION 3.13)\nproject(kv C)\nadd_subdirectory("my src")\n';

test("cmake builds beside the source, and knows its headers", async () => {
  await requireTools(ctx, ["cmake"]);
  const files = Object.fromEntries(Object.entries(source).map(([name, text]) => [`my src/${name}`, text]));
  const library = "add_library(answer answer.c)\nadd_executable(kv kv.c)\ntarget_link_libraries(kv answer)\n";
  const directory = await useProject({
    ...files,
    "CMakeLists.txt": cmakeLists,
    "my src/CMakeLists.txt": library,
  });
  const config = { build: { system: "cmake" }, program: "my src/kv" } as const;
  expect(await output(await build(directory, config))).toBe("answer 42\n");
  await write(directory, { "my src/kv.h": '#define FORMAT "it is %d\\n"\n' });
  expect(await output(await build(directory, config))).toBe("it is 42\n");
  expect((await readdir(directory)).sort()).toEqual(["CMakeLists.txt", "my src", "unique.txt"]);
});

test("meson builds beside the source", async () => {
  await requireTools(ctx, ["meson", "ninja"]);
  const directory = await useProject({
    ...source,
    "meson.build": "project('kv', 'c')\nexecutable('kv', 'kv.c', 'answer.c')\n",
  });
  const config = { build: { system: "meson" }, program: "kv" } as const;
  expect(await output(await build(directory, config))).toBe("answer 42\n");
  await write(directory, { "kv.h": '#define FORMAT "it is %d\\n"\n' });
  expect(await output(await build(directory, config))).toBe("it is 42\n");
});

test.each(["make", "cmake"] as const)(
  "a source from elsewhere is built by %s, and its tree not kept",
  async (system) => {
    await requireTools(ctx, [system]);
    const directory = await useProject({
      ...Object.fromEntries(Object.entries(source).map(([name, text]) => [`kv-1.2/${name}`, text])),
      "kv-1.2/Makefile": makefile,
      "kv-1.2/CMakeLists.txt":
        "cmake_minimum_required(VERSION 3.13)\nproject(kv C)\nadd_executable(kv kv.c answer.c)\n",
      // Two archives that are never the same.
      "kv-1.2/unique.txt": `${system} ${Math.random()}`,
    });
    await runCommand(ctx, "tar", ["-czf", "kv-1.2.tar.gz", "kv-1.2"], { cwd: directory });
    const archive = path.join(directory, "kv-1.2.tar.gz");
    const { stdout } = await runCommand(ctx, "sha256sum", [archive]);
    const from = { kind: "tarball", url: pathToFileURL(archive).href, sha256: stdout.slice(0, 64) } as const;
    const built = await build(directory, { source: from, build: { system }, program: "kv" });
    expect(built.steps).toEqual(["Fetching kv-1.2.tar.gz", "Building kv 1.2"]);
    expect(await output(built)).toBe("answer 42\n");
    expect((await readdir(path.dirname(built.program))).sort()).toEqual([
      "manifest.json",
      "program",
      "program.debug",
    ]);
  },
);
