// SPDX-License-Identifier: Apache-2.0
/** With the system's compiler: what userland/libc/dl-open.c makes of the table, test/userland/modules.test.ts shows. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseElf } from "../elf/parse-elf.js";
import { readSymbols } from "../elf/read-symbols.js";
import { createContext } from "../host/context.js";
import { packagePath } from "../host/package-path.js";
import { linkModules } from "./link-modules.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-modules-"));
  mkdirSync(file("work"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = (name: string): string => path.join(directory, name);

function compile(name: string, source: string): string {
  writeFileSync(file(`${name}.c`), source);
  execFileSync("gcc", ["-fno-pic", "-c", "-o", file(`${name}.o`), file(`${name}.c`)]);
  return file(`${name}.o`);
}

async function link(modules: Readonly<Record<string, string>>): Promise<string> {
  const inputs = Object.entries(modules).map(([path, file]) => ({ path, file }));
  const output = file("work/modules.o");
  await linkModules(createContext(), inputs, { directory: file("work"), output, logFile: file("log") });
  return output;
}

/** Says everything that the table has. */
const reader = `
#include <stdio.h>
#include "modules.h"
extern const struct ukl_module __start_ukl_modules[], __stop_ukl_modules[];
int version = 1;
int main(void)
{
  for (const struct ukl_module *m = __start_ukl_modules; m < __stop_ukl_modules; m++) {
    printf("%s: %d to run, %d at the end\\n", m->name, (int)(m->init_end - m->init), (int)(m->fini_end - m->fini));
    for (const struct ukl_symbol *s = m->symbols; s < m->symbols_end; s++)
      printf("  %s%s %d\\n", s->name, s->thread_local ? " of a thread" : "",
             *(int *)(s->thread_local ? (char *)__builtin_thread_pointer() + (size_t)s->value : s->value));
  }
  return version - 1;
}`;

test("each has its own names, in order, and nobody else sees them", async () => {
  const one = compile(
    "one",
    `int version = 2; int b = 3; int B = 4; int c; static int own = 5; __thread int t = 6;
     __attribute__((visibility("hidden"))) int hidden = 7;
     __attribute__((constructor)) static void begin(void) { c = own; }`,
  );
  const two = compile("two", "int version = 8; __attribute__((destructor)) static void end(void) {}");
  const modules = await link({ '/lib/"one" %s\\.so': one, two });
  const symbols = readSymbols(parseElf(readFileSync(modules), modules));
  expect(symbols.filter(({ binding, section }) => binding !== "local" && section !== undefined)).toEqual([]);

  writeFileSync(file("reader.c"), reader);
  const include = `-I${packagePath("userland", "libc")}`;
  execFileSync("gcc", ["-D_GNU_SOURCE", "-static", include, "-o", file("reader"), file("reader.c"), modules]);
  expect(execFileSync(file("reader"), { encoding: "utf8" })).toBe(
    [
      ...['/lib/"one" %s\\.so: 1 to run, 0 at the end', "  B 4", "  b 3", "  c 0", "  t of a thread 6"],
      ...["  version 2", "two: 0 to run, 1 at the end", "  version 8", ""],
    ].join("\n"),
  );
});

test("all of an archive is taken", async () => {
  const objects = [compile("one", "int one = 1;"), compile("two", "int two = 2;")];
  execFileSync("ar", ["rcs", file("both.a"), ...objects]);
  const modules = await link({ both: file("both.a") });
  const names = readSymbols(parseElf(readFileSync(modules), modules)).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["one", "two"]));
});

test("a real shared library is refused", async () => {
  writeFileSync(file("x.c"), "int x;");
  execFileSync("gcc", ["-shared", "-fPIC", "-o", file("x.so"), file("x.c")]);
  await expect(link({ x: file("x.so") })).rejects.toMatchObject({
    code: "APP_BUILD_FAILED",
    message: `Cannot link the module "x": "${file("x.so")}" is neither an object nor an archive`,
  });
});
