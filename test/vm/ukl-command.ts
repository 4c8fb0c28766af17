// SPDX-License-Identifier: Apache-2.0
/** Runs the command line from outside, in a directory of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { packagePath } from "../../src/host/package-path.js";

export interface CommandEnd {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function startUkl(directory: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [packagePath("dist", "src", "cli", "main.js"), ...args], { cwd: directory });
}

/** Gives a command its input and waits for its end. */
export async function finishCommand(child: ChildProcess, input = ""): Promise<CommandEnd> {
  child.stdin?.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "exit"),
  ]);
  return { status: status as number, stdout, stderr };
}

export function runUkl(directory: string, ...args: readonly string[]): Promise<CommandEnd> {
  return finishCommand(startUkl(directory, args));
}
