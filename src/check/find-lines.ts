// SPDX-License-Identifier: Apache-2.0
/** The source lines of places in the code, where there is debug information. */

import type { ElfFile } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";

/** Enough for any report that somebody reads. */
const maxPlaces = 500;

/**
 * Asks addr2line of the binutils.
 *
 * @param addresses hexadecimal, of a program: in an object they would not tell the section
 * @returns "server.c:120" by address; nothing without debug information or without addr2line
 */
export async function findLines(
  ctx: Context,
  file: string,
  elf: ElfFile,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(addresses)].slice(0, maxPlaces);
  const hasLines = elf.type !== "relocatable" && elf.sections.some(({ name }) => name === ".debug_line");
  if (!hasLines || wanted.length === 0) return new Map();
  try {
    const { stdout } = await runCommand(ctx, "addr2line", ["-e", file, ...wanted]);
    const lines = stdout.trimEnd().split("\n");
    return new Map(
      wanted.flatMap((address, index): [string, string][] => {
        const line = lines[index]?.replace(/ \(.*\)$/, "") ?? "";
        return /^\?\?|:\?$|:0$/.test(line) || line === "" ? [] : [[address, line.replace(/^.*\//, "")]];
      }),
    );
  } catch (error) {
    if (
      error instanceof UklError &&
      (error.code === "HOST_TOOL_MISSING" || error.code === "HOST_COMMAND_FAILED")
    )
      return new Map();
    throw error;
  }
}
