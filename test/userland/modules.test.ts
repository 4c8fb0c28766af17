// SPDX-License-Identifier: Apache-2.0
/** Modules, which are shared libraries elsewhere: built in every way, and opened in ring 3. */

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type BuiltApp, buildApp } from "../../src/app/build-app.js";
import type { AppConfig } from "../../src/config/define-app.js";
import { parseAppConfig } from "../../src/config/parse-app-config.js";
import { packagePath } from "../../src/host/package-path.js";
import { requireTools } from "../../src/host/require-tools.js";
import { ctx, run, useDirectory } from "./fixture.js";

const plain = "/lib/plugins/plain.so";
const objects = "objects";

function useSource(): string {
  const directory = useDirectory();
  cpSync(packagePath("test", "userland", "modules"), directory, { recursive: true });
  // What is in the cache from an earlier run is not this.
  writeFileSync(path.join(directory, "unique.h"), `// ${directory}\n`);
  return directory;
}

function build(directory: string, config: Omit<AppConfig, "name">): Promise<BuiltApp> {
  return buildApp(ctx, parseAppConfig({ name: "host", ...config }, path.join(directory, "ukl.config.ts")));
}

const undefinedSymbol = (name: string): string => `${name}: undefined symbol: internal`;
const expected = [
  "begin, version 1",
  "not open yet: yes",
  ...["plain begins", `${plain}: answer 42, version 2`, undefinedSymbol(plain)],
  ...["again the same", "invalid handle"],
  ...[`${objects}: answer -42, version 3`, undefinedSymbol(objects)],
  ...["again the same", "invalid handle"],
  "/lib/plugins/none.so: not among the program's modules; shared libraries do not exist in Unikernel Linux: Function not implemented",
  "undefined symbol: answer",
  "for all: version 2",
  "plain ends",
  "",
];

async function expectModules({ program }: BuiltApp): Promise<void> {
  const { stdout, exitCode } = await run(program, [plain, objects, "/lib/plugins/none.so"]);
  expect(stdout.split("\n")).toEqual(expected);
  expect(exitCode).toBe(0);
}

const makeConfig = {
  build: { system: "make", install: ["/usr/share/host"] },
  program: "host",
  modules: { [plain]: "plugins/plain.so", [objects]: "plugins/objects.so" },
} as const;

test("C and C++ files of a configuration", async () => {
  const directory = useSource();
  const modules = { [plain]: "plain.c", [objects]: "objects.cc" };
  await expectModules(await build(directory, { build: { system: "c", files: ["host.c"] }, modules }));
});

describe("make with -shared", () => {
  test("links them, again after an edit of one, and keeps what it installs", async () => {
    const directory = useSource();
    const built = await build(directory, makeConfig);
    await expectModules(built);
    const [installed] = built.installed;
    expect(built.installed.length).toBe(1);
    expect(readFileSync(path.join(installed?.file ?? "", "Makefile"), "utf8")).toContain("plugins/plain.so:");
    expect((await run(path.join(installed?.file ?? "", "tool"))).stdout).toContain("begin, version 1");

    const file = path.join(directory, "plain.c");
    writeFileSync(file, readFileSync(file, "utf8").replace("version = 2", "version = 22"));
    const again = await build(directory, makeConfig);
    expect((await run(again.program, [plain])).stdout).toContain("answer 42, version 22");
  });

  test("says which module the build did not leave", async () => {
    const modules = { "/lib/x.so": "plugins/x.so" };
    const error = await build(useSource(), { ...makeConfig, modules }).catch((error: unknown) => error);
    expect(String(error)).toMatch(
      /Cannot link the module "\/lib\/x\.so": the build left no ".*plugins\/x\.so"/,
    );
  });

  test("says what was not installed", async () => {
    const config = { ...makeConfig, build: { system: "make", install: ["/usr/share/nothing"] } } as const;
    const error = await build(useSource(), config).catch((error: unknown) => error);
    expect(String(error)).toContain('it did not install "/usr/share/nothing"');
  });
});

test("CMake, which makes static libraries of them", async () => {
  await requireTools(ctx, ["cmake"]);
  const built = await build(useSource(), {
    build: { system: "cmake", install: ["/usr/local/share/Makefile"] },
    program: "host",
    modules: { [plain]: "libplain.a", [objects]: "libobjects.a" },
  });
  await expectModules(built);
  expect(readFileSync(built.installed[0]?.file ?? "", "utf8")).toContain("plugins/plain.so:");
});

test("Meson", async () => {
  await requireTools(ctx, ["meson", "ninja"]);
  const built = await build(useSource(), {
    build: { system: "meson", install: ["/usr/local/share/host/Makefile"] },
    program: "host",
    modules: { [plain]: "plain.so", [objects]: "objects.so" },
  });
  await expectModules(built);
  expect(readFileSync(built.installed[0]?.file ?? "", "utf8")).toContain("plugins/plain.so:");
});

test("a library of the build is part of each module that names it, with all that it was linked with", async () => {
  const directory = useDirectory();
  const write = (name: string, ...lines: readonly string[]): void =>
    writeFileSync(path.join(directory, name), `${lines.join("\n")}\n`);
  write(
    "common.c",
    "int origin(void); static int calls;",
    "int common(void) { return 10 * origin() + ++calls; }",
  );
  write("library.c", "int origin(void) { return 2; }");
  write(
    "module.c",
    "int common(void); int origin(void);",
    "int answer(void) { return 10 * common() + origin(); }",
  );
  write(
    "host.c",
    "#include <dlfcn.h>",
    "#include <stdio.h>",
    "int origin(void) { return 1; }",
    'static int ask(const char *name) { return ((int (*)(void))dlsym(dlopen(name, RTLD_NOW), "answer"))(); }',
    "int main(void) {",
    '  printf("%d", origin());',
    '  for (const char *name = "aab"; *name; name++) printf(" %d", ask((char[]){ *name, 0 }));',
    "}",
  );
  // The archive leaves to whoever links it what the library has.
  write(
    "Makefile",
    "all: host a.so b.so",
    "host: host.c; $(CC) -o $@ host.c",
    "%.o: %.c; $(CC) -O1 -fPIC -c -o $@ $<",
    "libcommon.a: common.o; ar rcs $@ common.o",
    "libcommon.so: common.o library.o; $(CC) -shared -o $@ common.o library.o",
    "%.so: module.o libcommon.a libcommon.so; $(CC) -shared -o $@ module.o -L. -lcommon -lm",
  );
  const modules = { a: "a.so", b: "b.so" };
  const { program } = await build(directory, { build: { system: "make" }, program: "host", modules });
  expect((await run(program)).stdout).toBe("1 212 222 212");
});

test("an archive is a module, too", async () => {
  const directory = useSource();
  const rule = "plugins/plain.a: plain.pic.o\n\tmkdir -p plugins\n\tar rcs $@ $^\nall: plugins/plain.a\n";
  const file = path.join(directory, "Makefile");
  writeFileSync(file, readFileSync(file, "utf8") + rule);
  const modules = { ...makeConfig.modules, [plain]: "plugins/plain.a" };
  await expectModules(await build(directory, { ...makeConfig, modules }));
});
