// SPDX-License-Identifier: Apache-2.0
/** `ukl check` from outside: what it prints where, and its exit statuses. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckReport } from "../../src/index.js";
import { compileMain } from "../compile-main.js";
import { createTestDirectory, type TestDirectory } from "../test-directory.js";

let main: string;
let directory: TestDirectory;

beforeAll(async () => {
  main = compileMain();
  directory = await createTestDirectory();
  await writeFile(path.join(directory.path, "good.c"), "int main(void) { return 0; }");
  await writeFile(
    path.join(directory.path, "bad.c"),
    'int main(void) { __asm__("wrgsbase %rax"); return 0; }',
  );
  await writeFile(path.join(directory.path, "text"), "hello\n");
  await mkdir(path.join(directory.path, "empty"));
  for (const name of ["good", "bad"]) execFileSync("gcc", ["-c", `${name}.c`], { cwd: directory.path });
}, 120_000);
afterAll(() => directory[Symbol.asyncDispose]());

function run(...args: readonly string[]) {
  const env = { ...process.env, UKL_CACHE_DIR: path.join(directory.path, "cache") };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "check", ...args], {
    cwd: directory.path,
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("0: one line when there is nothing to say", () => {
  expect(run("good.o")).toEqual({
    status: 0,
    stdout: "good.o: can be linked into a program of level base\n",
    stderr: "",
  });
});

test("3: blockers, with the place and the advice, on stdout", () => {
  const { status, stdout, stderr } = run("bad.o");
  expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
  expect(stdout).toMatch(/^bad\.o: cannot be linked .*: 1 instruction overwriting the GS base/);
  expect(stdout).toMatch(/main\+0x\w+ +wrgsbase %rax\n +→ GS is the kernel's/);
});

test("--json is the report of the API, with the same status", () => {
  const { status, stdout } = run("--json", "bad.o");
  expect(status).toBe(3);
  const report = JSON.parse(stdout) as CheckReport;
  expect(report).toMatchObject({
    path: "bad.o",
    form: "object",
    findings: [{ rule: "gs-base", severity: "blocker" }],
  });
});

test.each([
  ["what is not there", "nowhere.o", /Cannot find "nowhere\.o"/],
  ["a misspelt name", "./god.o", /Did you mean ".*good\.o"/],
  ["what is no program", "text", /Cannot check "text": it is no ELF file/],
  ["a directory with nothing to build", "empty", /Cannot check ".*empty": there is nothing to build in it/],
])("2: %s", (_name, argument, message) => {
  const { status, stdout, stderr } = run(argument);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(message);
});
