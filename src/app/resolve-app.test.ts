// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UklError } from "../errors/ukl-error.js";
import { silentLog } from "../log/log.js";
import { listRecipes, loadRecipe } from "./recipes.js";
import { resolveApp } from "./resolve-app.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-resolve-"));
  writeFileSync(path.join(directory, "Seven Eleven.c"), "int main(void) { return 7; }\n");
  writeFileSync(path.join(directory, "notes.txt"), "not a program\n");
  mkdirSync(path.join(directory, "folder"));
  const compile = (output: string, ...flags: string[]): void => {
    execFileSync("gcc", ["-o", output, ...flags, "Seven Eleven.c"], { cwd: directory });
  };
  compile("static", "-static");
  compile("dynamic");
  compile("library.so", "-shared", "-fPIC", "-Wl,-soname,library.so");
  compile("nameless.so", "-shared", "-fPIC");
  writeFileSync(path.join(directory, "library.c"), "int lost(void) { return 7; }\n");
  execFileSync("gcc", ["-shared", "-fPIC", "-o", "liblost.so", "library.c"], { cwd: directory });
  compile("lost", "-Wl,--no-as-needed", "-L.", "-llost");
  compile("setuid");
  chmodSync(path.join(directory, "setuid"), 0o4755);
  compile("object.o", "-c");
  compile("stripped", "-static", "-s");
  writeFileSync(path.join(directory, "script"), "#!/bin/sh -e\nexec ./static\n", { mode: 0o755 });
  writeFileSync(path.join(directory, "script-of-script"), `#!${path.join(directory, "script")}\n`);
  writeFileSync(path.join(directory, "script-of-nobody"), "#!/usr/bin/env -S ukl-no-such -x\n");
  writeFileSync(path.join(directory, "script-of-itself"), `#!${path.join(directory, "script-of-itself")}\n`);
  const bsd = readFileSync(path.join(directory, "dynamic"));
  bsd[7] = 9;
  writeFileSync(path.join(directory, "bsd"), bsd);
  writeFileSync(path.join(directory, "short"), bsd.subarray(0, 4000));
  const arm = readFileSync(path.join(directory, "static"));
  arm.writeUInt16LE(183, 18);
  writeFileSync(path.join(directory, "arm"), arm);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function refusal(spec: string): Promise<{ code: string; message: string; hint: string | undefined }> {
  try {
    await resolveApp(spec);
  } catch (error) {
    if (error instanceof UklError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("it was accepted");
}

describe("recipes", () => {
  test("every folder of apps has one, which is sound and has the folder's name", async () => {
    const names = await listRecipes();
    expect(names).toEqual(expect.arrayContaining(["echo", "hello", "memcached", "nginx", "redis"]));
    for (const name of names) {
      const app = await loadRecipe(name);
      expect(app.name).toBe(name);
      expect(app.summary).not.toBe("");
      expect(app.license).toBeDefined();
    }
  });

  test("are found by name", async () => {
    expect(await resolveApp("redis")).toMatchObject({ name: "redis", ports: [6379], level: "base" });
  });

  test("a misspelt name is met with the right one", async () => {
    expect(await refusal("rediss")).toEqual({
      code: "APP_NOT_FOUND",
      message: 'Cannot find the application "rediss": no recipe or file has that name',
      hint: 'Did you mean "redis"?',
    });
  });

  test("a name that is near to none is met with all of them", async () => {
    expect((await refusal("mysql-server")).hint).toMatch(/The recipes are: .*echo.*, hello.*, redis/);
  });
});

describe("files", () => {
  test("a C file is an application of its name", async () => {
    const file = path.join(directory, "Seven Eleven.c");
    expect(await resolveApp(file)).toMatchObject({
      name: "seven-eleven",
      level: "base",
      build: { system: "c", files: [file] },
    });
  });

  test("a static program is run as it is, at the level for that", async () => {
    const file = path.join(directory, "static");
    expect(await resolveApp(file)).toMatchObject({
      name: "static",
      level: "compat",
      build: { system: "prebuilt", file },
    });
  });

  test("a program without symbols is one, too", async () => {
    expect(await resolveApp(path.join(directory, "stripped"))).toMatchObject({ level: "compat" });
  });

  test("so is a dynamic one", async () => {
    const file = path.join(directory, "dynamic");
    expect(await resolveApp(file)).toMatchObject({ level: "compat", build: { system: "prebuilt", file } });
  });

  test("of one that is setuid it is said what becomes of that", async () => {
    const said: string[] = [];
    const log = { ...silentLog, info: (text: string) => void said.push(text) };
    await resolveApp(path.join(directory, "setuid"), log);
    expect(said).toEqual([expect.stringContaining("is setuid here; in the guest")]);
  });

  test("a script is its interpreter with the script as its argument", async () => {
    const file = path.join(directory, "script");
    const place = `/opt${file}`;
    expect(await resolveApp(file)).toMatchObject({
      name: "script",
      level: "compat",
      build: { system: "prebuilt", file: "/bin/sh" },
      args: ["-e", place],
      files: [{ path: place, file }],
    });
  });

  test("an interpreter may be a script, too", async () => {
    const [file, other] = ["script-of-script", "script"].map((name) => path.join(directory, name));
    expect(await resolveApp(file ?? "")).toMatchObject({
      name: "script-of-script",
      build: { file: "/bin/sh" },
      args: ["-e", `/opt${other}`, `/opt${file}`],
    });
  });

  test("one for another processor is refused by its name", async () => {
    expect(await refusal(path.join(directory, "arm"))).toMatchObject({
      code: "ELF_INVALID",
      message: expect.stringContaining("it is for aarch64, not for x86-64"),
      hint: "Build or install it for x86-64",
    });
  });

  test("a damaged one is refused, with the next step", async () => {
    expect(await refusal(path.join(directory, "short"))).toMatchObject({
      code: "ELF_INVALID",
      message: expect.stringContaining("it is damaged or cut short"),
      hint: expect.stringContaining("once more"),
    });
  });

  test("a misspelt file is met with its neighbour", async () => {
    expect(await refusal(path.join(directory, "statik"))).toMatchObject({
      code: "APP_NOT_FOUND",
      hint: `Did you mean "${path.join(directory, "static")}"?`,
    });
  });

  test.each([
    [
      "lost",
      "it needs a shared library that is not on this machine: liblost.so",
      "apt-file search liblost.so",
    ],
    ["library.so", "it is a shared library", "Name a program"],
    ["nameless.so", "it is a shared library", "Name a program"],
    ["bsd", "it was built for FreeBSD", "for Linux"],
    ["script-of-itself", "it is the interpreter of a script", "first line of the script"],
    ["object.o", "it is not linked into a program", "Link it: gcc"],
    ["notes.txt", "it is neither a C, C++ or TypeScript file nor an ELF program", "Name a program"],
    ["script-of-nobody", 'its interpreter "ukl-no-such" is not on this machine', "Install it"],
    ["folder", "there is nothing to build in it", "It needs a Makefile"],
  ])("%s is refused, with the next step", async (name, reason, hint) => {
    const file = path.join(directory, name);
    expect(await refusal(file)).toMatchObject({
      code: "APP_INVALID",
      message: expect.stringContaining(`Cannot run "${file}": ${reason}`),
      hint: expect.stringContaining(hint),
    });
  });
});

describe("directories", () => {
  function write(name: string, text: string): void {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }

  test("with a configuration are what that says", async () => {
    write(
      "configured/ukl.config.ts",
      'export default { name: "kv", build: { system: "make" }, program: "kv" };',
    );
    const app = await resolveApp(path.join(directory, "configured"));
    expect(app).toMatchObject({ name: "kv", build: { system: "make", program: "kv" } });
    expect(await resolveApp(path.join(directory, "configured", "ukl.config.ts"))).toEqual(app);
  });

  test("without one are what they look like, and that is said", async () => {
    write("plain/Makefile", "kv: kv.o\n\tcc -o $@ $^\n");
    const said: string[] = [];
    const log = { ...silentLog, info: (text: string) => void said.push(text) };
    const place = path.join(directory, "plain");
    expect(await resolveApp(place, log)).toMatchObject({ name: "plain", build: { program: "kv" } });
    expect(said).toEqual([
      `"${place}" has no ukl.config.ts: taking the Makefile. Keep that: ukl init ${place}`,
    ]);
  });

  test("that do not show what they build are not guessed at", async () => {
    write("closed/Makefile", "all:\n\tsh build.sh\n");
    const place = path.join(directory, "closed");
    expect(await refusal(place)).toMatchObject({ code: "APP_INVALID", hint: `ukl init ${place}` });
  });

  test("with a program are at the level of unmodified ones", async () => {
    const config = { name: "kv", source: "..", build: { system: "prebuilt" }, program: "static" };
    write("ready/ukl.config.ts", `export default ${JSON.stringify(config)};`);
    const app = await resolveApp(path.join(directory, "ready"));
    expect(app).toMatchObject({ level: "compat", build: { file: path.join(directory, "static") } });
  });

  test.each([
    ["lost", "it needs a shared library that is not on this machine"],
    ["script", "it is a script for /bin/sh"],
    ["nothing", "there is no such file"],
  ])("whose program is %s are refused", async (program, reason) => {
    const config = { name: "kv", source: "..", build: { system: "prebuilt" }, program };
    write("prebuilt/ukl.config.ts", `export default ${JSON.stringify(config)};`);
    const { message, hint } = await refusal(path.join(directory, "prebuilt"));
    expect(message).toContain(reason);
    expect(hint).not.toBeUndefined();
  });
});
