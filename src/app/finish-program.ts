// SPDX-License-Identifier: Apache-2.0
/** What every build of an application ends with. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseElf } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { hasCallSites } from "./bind-program.js";

/** In an application's cache entry: what goes into the guest, and the same with debug information. */
export const programNames = { program: "program", symbols: "program.debug" } as const;

/**
 * Makes `program` from `program.debug`: the symbols of functions stay, for perf and backtraces.
 *
 * @throws UklError APP_BUILD_FAILED when the build used another compiler than ours
 */
export async function finishProgram(ctx: Context, name: string, directory: string): Promise<void> {
  const symbols = path.join(directory, programNames.symbols);
  if (!hasCallSites(parseElf(await readFile(symbols), symbols)))
    throw new UklError(
      "APP_BUILD_FAILED",
      `Cannot use what was built for "${name}": another compiler linked it`,
      {
        hint: "The build must take its compiler from the variable CC (and CXX)",
      },
    );
  await runCommand(ctx, "objcopy", ["--strip-debug", symbols, path.join(directory, programNames.program)]);
}
