// SPDX-License-Identifier: Apache-2.0
/** What a program says of its version: part of the key of what it builds. */

import type { Context } from "./context.js";
import { runCommand } from "./run-command.js";

/** The first line of what `PROGRAM --version` prints: "gcc (Debian 12.2.0-14+deb12u1) 12.2.0". */
export async function findProgramVersion(ctx: Context, program: string): Promise<string> {
  const { stdout } = await runCommand(ctx, program, ["--version"]);
  return stdout.split("\n")[0] ?? "";
}
