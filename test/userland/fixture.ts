// SPDX-License-Identifier: Apache-2.0
/** What the tests of the userland share: the toolchain of the user's cache, and a place for what they build. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { type Context, createContext } from "../../src/host/context.js";
import { type CommandResult, runCommand } from "../../src/host/run-command.js";
import { buildToolchain, type Toolchain } from "../../src/toolchain/build-toolchain.js";

export const ctx: Context = createContext({ assumeYes: process.env["CI"] === "true" });

/** Built on first use; a run that finds it in the cache takes milliseconds. */
export async function useToolchain(): Promise<Toolchain> {
  return buildToolchain(ctx);
}

/** A directory that is removed when the current test ends. */
export function useDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "ukl-userland-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs a program to its end, whatever that is. */
export function run(file: string, args: readonly string[] = [], input = ""): Promise<CommandResult> {
  return runCommand(ctx, file, args, { allowFailure: true, timeoutMs: 60_000, input });
}

/** What `objdump -d` says, without the bytes. */
export async function disassemble(file: string): Promise<string> {
  const { stdout } = await runCommand(ctx, "objdump", ["-d", "--no-show-raw-insn", file]);
  return stdout;
}
