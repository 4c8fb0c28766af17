// SPDX-License-Identifier: Apache-2.0
/** Runs the command line from outside, in a directory of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { packagePath } from "../../src/host/package-path.js";
import { type CommandEnd, finishCommand } from "../finish-command.js";

export function startUkl(directory: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [packagePath("dist", "src", "cli", "main.js"), ...args], { cwd: directory });
}

export function runUkl(directory: string, ...args: readonly string[]): Promise<CommandEnd> {
  return finishCommand(startUkl(directory, args));
}
