// SPDX-License-Identifier: Apache-2.0
/** Looks for system calls that are still instructions. */

import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";

// Here and not in TypeScript, because a libc disassembles to 300,000 lines.
const script = `objdump -d --no-show-raw-insn "$@" | awk '
  /^[0-9a-f]+ <.*>:$/ { function_name = substr($2, 2, length($2) - 3) }
  $2 == "syscall" || $2 == "sysenter" || ($2 == "int" && $3 == "$0x80") { print function_name }'`;

/**
 * Disassembles objects, archives or programs.
 *
 * @returns the function around each such instruction, one entry an instruction
 */
export async function findRawSystemCalls(ctx: Context, files: readonly string[]): Promise<string[]> {
  const { stdout } = await runCommand(ctx, "bash", ["-o", "pipefail", "-c", script, "objdump", ...files]);
  return stdout.split("\n").filter((line) => line !== "");
}
