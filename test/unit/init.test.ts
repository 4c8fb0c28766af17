// SPDX-License-Identifier: Apache-2.0
/** `ukl init` from outside: what it writes, what it leaves alone, what it asks. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";
import { compileMain } from "../compile-main.js";
import { finishCommand } from "../finish-command.js";
import { createTestDirectory, type TestDirectory } from "../test-directory.js";

let main: string;
beforeAll(() => {
  main = compileMain();
}, 120_000);

let directory: TestDirectory;
let config: string;
beforeEach(async () => {
  directory = await createTestDirectory();
  config = path.join(directory.path, "ukl.config.ts");
});
afterEach(() => directory[Symbol.asyncDispose]());

const makefile = "all: kv-server kv-cli\nkv-server kv-cli:\n\tcc\n";

async function write(name: string, text: string): Promise<void> {
  await writeFile(path.join(directory.path, name), text);
}

async function init(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, "init", ...args], {
    cwd: directory.path,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return finishCommand(child);
}

describe("without a terminal", () => {
  test("takes the likeliest, and says what it found, what it guessed and what to type", async () => {
    await write("Makefile", makefile);
    await write("kv.c", "#define PORT 7000\nint main(void) { return 0; }\n");
    const { status, stdout, stderr } = await init();
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${config}\n` });
    expect(stderr).toBe(
      [
        "Found the Makefile",
        'Taking its program "kv-server", not "kv-cli"',
        'It seems to listen on 7000: correct "ports" if it does not',
        "Now type: ukl run .",
        "",
      ].join("\n"),
    );
    expect(await readFile(config, "utf8")).toContain('program: "kv-server"');
  });

  test("says what it could not see", async () => {
    await write("Makefile", "all:\n\tsh build.sh\n");
    expect((await init()).stderr).toContain('does not show which program it builds: correct "program"');
  });

  test("never touches a configuration that is there", async () => {
    await write("kv.c", "int main(void) { return 0; }\n");
    await write("ukl.config.ts", "mine\n");
    const { status, stdout, stderr } = await init();
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("it exists already");
    expect(await readFile(config, "utf8")).toBe("mine\n");
  });

  test("writes nothing where there is nothing", async () => {
    const { status, stderr } = await init();
    expect(status).toBe(2);
    expect(stderr).toContain("there is nothing to build in it");
    expect(await readdir(directory.path)).toEqual([]);
  });

  test("names a directory so that it is not taken for a recipe", async () => {
    await mkdir(path.join(directory.path, "redis"));
    await write("redis/kv.c", "int main(void) { return 0; }\n");
    const { stderr, stdout } = await init("redis", "--json");
    expect(stderr).toContain("ukl run ./redis");
    expect(JSON.parse(stdout)).toMatchObject({ config: { name: "redis", build: { system: "c" } } });
  });
});

test("what it writes type-checks for whoever has the package", { timeout: 60_000 }, async () => {
  await write("Makefile", makefile);
  await init();
  const modules = path.join(directory.path, "node_modules");
  await mkdir(modules);
  await symlink(packagePath(), path.join(modules, "ukl"));
  await symlink(packagePath("node_modules", "@types"), path.join(modules, "@types"));
  await write("package.json", '{ "type": "module" }');
  const check = (): string => {
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--types", "node", "--skipLibCheck"];
    try {
      const tsc = packagePath("node_modules", ".bin", "tsc");
      return execFileSync(tsc, [...flags, config], { cwd: directory.path }).toString();
    } catch (error) {
      return String((error as { stdout: Buffer }).stdout);
    }
  };
  expect(check()).toBe("");
  await write("ukl.config.ts", (await readFile(config, "utf8")).replace("program:", "programme:"));
  expect(check()).toContain("'programme' does not exist in type 'AppConfig'");
});

describe("on a terminal", () => {
  /** Types each key when the text before it has appeared. */
  async function answer(
    dialogue: readonly (readonly [shown: string, keys: string])[],
    ...args: readonly string[]
  ) {
    const command = [process.execPath, main, "init", ...args].map((word) => `'${word}'`).join(" ");
    // Without a size each line would be wrapped at its first column.
    const sized = `stty cols 80 rows 24; exec ${command}`;
    const child = spawn("script", ["--quiet", "--return", "--command", sized, "/dev/null"], {
      cwd: directory.path,
      env: { ...process.env, TERM: "xterm", CI: "" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const left = [...dialogue];
    let shown = "";
    child.stdout.on("data", (text: Buffer) => {
      shown += text.toString();
      const [next] = left;
      if (next === undefined || !shown.includes(next[0])) return;
      left.shift();
      shown = "";
      child.stdin.write(next[1]);
    });
    const [status] = await once(child, "exit");
    return { status, unasked: left };
  }

  test("asks what it cannot see", async () => {
    await write("Makefile", makefile);
    const down = "\x1b[B";
    const dialogue = [
      ["Which of its programs", `${down}\r`],
      ["ports", "7000 7001\r"],
    ] as const;
    expect(await answer(dialogue)).toEqual({ status: 0, unasked: [] });
    const text = await readFile(config, "utf8");
    expect(text).toContain('program: "kv-cli"');
    expect(text).toContain("ports: [7000, 7001]");
  });

  test("Ctrl-C writes nothing", async () => {
    await write("Makefile", makefile);
    expect(await answer([["Which of its programs", "\x03"]])).toEqual({ status: 130, unasked: [] });
    expect(await readdir(directory.path)).toEqual(["Makefile"]);
  });

  test("--yes asks nothing", async () => {
    await write("Makefile", makefile);
    expect(await answer([], "--yes")).toEqual({ status: 0, unasked: [] });
    expect(await readFile(config, "utf8")).toContain('program: "kv-server"');
  });
});
