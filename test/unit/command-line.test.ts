// SPDX-License-Identifier: Apache-2.0
/** The command line from outside: what is printed where, exit statuses, Ctrl-C. Runs what `npm run build` compiled. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";
import { finishCommand } from "../finish-command.js";
import { createTestDirectory } from "../test-directory.js";

const main = packagePath("dist", "src", "cli", "main.js");

beforeAll(() => {
  execFileSync(packagePath("node_modules", ".bin", "tsc"), ["--build"], { cwd: packagePath() });
}, 120_000);

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(...args: readonly string[]) {
  const child = start(args);
  return finishCommand(child);
}

test("help and version are results, on stdout", async () => {
  await expect(run("--version")).resolves.toMatchObject({ status: 0, stdout: "0.1.0\n", stderr: "" });
  const help = await run();
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toContain("doctor");
});

describe("what cannot be understood exits with 2, and a suggestion", () => {
  test.each([
    [["docter"], "did you mean `doctor`?"],
    [["apps", "rediss"], 'Did you mean "redis"?'],
    [["kernel", "bild"], "did you mean `build`?"],
    [["doctor", "--jsn"], "did you mean --json?"],
    [["doctor", "extra"], "Too many arguments"],
    [["doctor", "--", "extra"], "this command takes none"],
    [["kernel", "diffstat", "--series", "9.9"], "Choose one of: "],
    [["kernel", "test", "--series", "9.9"], "Choose one of: "],
    [["kernel", "test", "--config", "debg"], "Choose of: "],
    [["kernel", "test", "--filter", "null_derefernce"], 'Did you mean "null_dereference"?'],
    [["suite", "memcachd"], 'Did you mean "memcached"?'],
    [["suite", "redis", "--filter", "("], 'Cannot look for "("'],
    [["suite", "redis", "--machines", "0"], 'Cannot run "0" machines at a time'],
  ])("%j", async (args, text) => {
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(text);
  });
});

test.each([
  [["kernel", "diffstat", "--json"], { series: "6.12" }],
  [["apps", "redis", "--json"], [{ name: "redis", version: "7.0.15", ports: [6379] }]],
  [["config", "schema"], { required: ["name", "build"] }],
  [["cache", "prune", "--dry-run", "--kind", "none", "--json"], []],
])("%j prints JSON, and nothing else", async (args, expected) => {
  const { status, stdout, stderr } = await run(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject(expected);
});

test("a reader that goes away is no error", async () => {
  const child = start(["kernel", "diffstat"]);
  child.stdout?.destroy();
  await expect(once(child, "exit")).resolves.toEqual([0, null]);
});

describe("Ctrl-C", () => {
  test("ends what was started, and exits with 130", async () => {
    const { child, toolPid } = await startHanging();
    child.kill("SIGINT");
    await expect(once(child, "exit")).resolves.toEqual([130, null]);
    await expect.poll(() => isAlive(toolPid)).toBe(false);
  });

  test("twice does not wait", async () => {
    const { child, toolPid } = await startHanging("trap '' TERM");
    child.kill("SIGINT");
    child.kill("SIGTERM");
    await once(child, "exit");
    await expect.poll(() => isAlive(toolPid)).toBe(false);
  });

  test("SIGTERM is another status", async () => {
    const { child } = await startHanging();
    child.kill("SIGTERM");
    await expect(once(child, "exit")).resolves.toEqual([143, null]);
  });
});

/** Starts `ukl doctor` with a tool that hangs when it is asked for its version. */
async function startHanging(prologue = ":") {
  const directory = await createTestDirectory();
  const tool = path.join(directory.path, "flex");
  const ready = path.join(directory.path, "ready");
  execFileSync("mkfifo", [ready]);
  await writeFile(tool, `#!/bin/sh\n${prologue}\necho $$ >${ready}\nwhile :; do sleep 1; done\n`);
  await chmod(tool, 0o755);
  const child = start(["doctor"], { PATH: `${directory.path}:${process.env["PATH"]}` });
  const toolPid = Number(await readFile(ready, "utf8"));
  await directory[Symbol.asyncDispose]();
  return { child, toolPid };
}

/** Whether a process runs; one that is dead and not yet reaped by init does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(execFileSync("cat", [`/proc/${pid}/stat`], { stdio: "pipe" }).toString());
  } catch {
    return false;
  }
}
