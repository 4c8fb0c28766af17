// SPDX-License-Identifier: Apache-2.0
/** Applications that are not root, that have a shell, and that want something done first. */

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";
import type { CommandEnd } from "../finish-command.js";
import { createScratch, type Scratch } from "./boot.js";
import { buildForCommand } from "./build-for-command.js";
import { runUkl } from "./ukl-command.js";

beforeAll(buildForCommand);

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
  cpSync(packagePath("test", "vm", "users"), scratch.directory, { recursive: true });
});
afterEach(() => scratch[Symbol.dispose]());

const ukl = (...args: readonly string[]): Promise<CommandEnd> => runUkl(scratch.directory, ...args);

const expected = (...log: readonly string[]): string =>
  [
    "ring 0",
    "user 1000:1000 worker in /home/worker",
    "back to root: Operation not permitted",
    ...["/data", "/run/who", "/home/worker"].map((directory) => `${directory}: of 1000:1000`),
    ...["write /data/new: yes", "write /etc/new: Permission denied"],
    ...["open /dev/stdout: yes", "port 80: yes"],
    ...["1000", ...log].map((line) => `shell says ${line}`),
    "",
  ].join("\n");

test("it is the user's, in ring 0, and so is its storage", async () => {
  const { status, stdout, stderr } = await ukl("run", ".");
  expect(stdout, stderr).toBe(expected("made by 1000", "every time"));
  expect(status).toBe(0);
});

test("what is done first is done once for a disk that keeps it", async () => {
  const disk = scratch.path("disk.img");
  execFileSync("truncate", ["-s", "16M", disk]);
  execFileSync("mkfs.ext4", ["-q", disk]);
  const run = (): Promise<CommandEnd> => ukl("run", ".", "--disk", `${disk}:/data`);
  expect((await run()).stdout).toBe(expected("made by 1000", "every time"));
  expect((await run()).stdout).toBe(expected("made by 1000", "every time", "every time"));
});

test("when it fails the program does not start, and the status is its own", async () => {
  const file = scratch.path("ukl.config.ts");
  const text = readFileSync(file, "utf8");
  expect(text).toContain("echo every time >> /data/log");
  writeFileSync(file, text.replace("echo every time >> /data/log", "exit 7"));
  const { status, stdout } = await ukl("run", ".");
  expect(stdout).toBe("");
  expect(status).toBe(7);
});
