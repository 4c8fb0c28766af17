// SPDX-License-Identifier: Apache-2.0
/** The command line where things go wrong that no command foresees: bugs, readers that leave, terminals of every kind. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { beforeAll, describe, expect, test } from "vitest";
import { compileMain } from "../compile-main.js";
import { finishCommand } from "../finish-command.js";
import { createTestDirectory } from "../test-directory.js";

let main: string;
const esc = "\x1b[";

beforeAll(() => {
  main = compileMain();
}, 120_000);

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: readonly string[];
}

async function run(args: readonly string[], { env = {}, node = [] }: Options = {}) {
  const child = spawn(process.execPath, [...node, main, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return finishCommand(child);
}

/** Runs in a terminal of script(1): the output of both streams, as it goes to the terminal. */
function runInTerminal(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(" ");
  const variables = { ...process.env, TERM: "xterm", ...env };
  const options = { env: variables, stdio: ["ignore", "pipe", "pipe"] as ("ignore" | "pipe")[] };
  return execFileSync("script", ["--quiet", "--command", command, "/dev/null"], options).toString();
}

describe("a bug", () => {
  const planted = 'data:text/javascript,Array.prototype.flatMap = () => { throw new TypeError("planted"); }';

  test("exits with 70, and shows where it is", async () => {
    const { status, stdout, stderr } = await run(["kernel", "diffstat"], { node: ["--import", planted] });
    expect({ status, stdout }).toEqual({ status: 70, stdout: "" });
    expect(stderr).toMatch(/^Bug: this should not have happened\nTypeError: planted\n {4}at /);
  });
});

describe("what the user can do something about is no bug", () => {
  test("a cache directory that is a file", async () => {
    const { status, stderr } = await run(["cache", "list"], { env: { UKL_CACHE_DIR: main } });
    expect(stderr).not.toContain("Bug:");
    expect(status).toBe(1);
  });

  test("a full disk behind stdout", async () => {
    const child = spawn("sh", ["-c", `exec '${process.execPath}' '${main}' kernel diffstat >/dev/full`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [stderr] = await Promise.all([child.stderr.toArray(), once(child, "exit")]);
    expect(Buffer.concat(stderr).toString()).toMatch(/^Error: .*no space left on the device/);
  });

  test("nobody who reads stderr", async () => {
    const child = spawn(process.execPath, [main, "kernel", "diffstat", "--series", "9.9"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.destroy();
    await expect(once(child, "exit")).resolves.toEqual([2, null]);
  });
});

describe("colours", () => {
  const failing = ["run", "rediss"];

  test("are on a terminal", () => {
    expect(runInTerminal(failing, { NO_COLOR: "" })).toContain(`${esc}31mError:${esc}39m`);
  });

  test("are not in a pipe", async () => {
    const { stderr } = await run(failing, { env: { TERM: "xterm" } });
    expect(stderr).toBe(
      'Error: Cannot find the application "rediss": no recipe or file has that name\nHint:  Did you mean "redis"?\n',
    );
  });

  test("are not wanted with NO_COLOR", () => {
    expect(runInTerminal(failing, { NO_COLOR: "1" })).not.toContain(esc);
    expect(runInTerminal(["--help"], { NO_COLOR: "1" })).not.toContain(esc);
  });

  test("are not understood by a dumb terminal", () => {
    expect(runInTerminal(failing, { TERM: "dumb", NO_COLOR: "" })).not.toContain(esc);
  });
});

test("without a terminal, steps are plain lines", async () => {
  await using directory = await createTestDirectory();
  const { stderr } = await run(["cache", "list", "-v"], { env: { UKL_CACHE_DIR: directory.path } });
  expect(stderr).not.toContain("\x1b");
  expect(stderr).not.toContain("\r");
});
