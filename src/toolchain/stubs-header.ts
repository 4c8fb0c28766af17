// SPDX-License-Identifier: Apache-2.0
/**
 * <gnu/stubs-64.h> tells configure scripts which functions exist but always fail. glibc's own rule
 * for it needs the objects that a static build leaves out; libc.a says the same by its section names.
 */

import { writeFile } from "node:fs/promises";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";

export async function writeStubsHeader(ctx: Context, libc: string, header: string): Promise<void> {
  const script = String.raw`objdump -h "$1" | sed -n 's/.* \.gnu\.glibc-stub\.\([^ ]*\) .*/\1/p'`;
  const { stdout } = await runCommand(ctx, "bash", ["-o", "pipefail", "-c", script, "objdump", libc]);
  const names = [...new Set(stdout.trim().split("\n"))].sort();
  const lines = [
    "/* Functions of this C library that fail with ENOSYS every time. */",
    ...names.map((name) => `#define __stub_${name}`),
  ];
  await writeFile(header, `${lines.join("\n")}\n`);
}
