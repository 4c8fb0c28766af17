// SPDX-License-Identifier: Apache-2.0
/**
 * The commands of the toolchain: shell scripts of one line, because configure scripts run them
 * hundreds of times. They parse nothing: what there is to add and to drop is in ukl.specs.
 */

import { quoteForShell } from "../host/format-command.js";
import type { HostCompiler } from "./host-compiler.js";

export const targetTriple = "x86_64-ukl-linux-gnu";

/** Need nothing but their name, by which cross builds find them. */
const plainTools = "ar ranlib ld nm strip objcopy objdump readelf size strings addr2line".split(" ");

/**
 * The scripts by name.
 *
 * @param toolchain the absolute path where the toolchain will be found
 */
export function compilerWrappers(toolchain: string, compiler: HostCompiler): Record<string, string> {
  const options = [
    `-specs=${toolchain}/lib/ukl.specs`,
    `-B${toolchain}/lib/`,
    `-B${toolchain}/sysroot/usr/lib/`,
    `--sysroot=${toolchain}/sysroot`,
    // Debug information must not tell where the cache is: the same source gives the same program.
    `-ffile-prefix-map=${toolchain}/sysroot=`,
  ];
  const commands: Record<string, readonly string[]> = {
    gcc: [compiler.cc, ...options],
    cc: [compiler.cc, ...options],
    "g++": [compiler.cxx, ...options],
    "c++": [compiler.cxx, ...options],
    as: [`${toolchain}/lib/as`],
    ...Object.fromEntries(plainTools.map((tool) => [tool, [tool]])),
  };
  return Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [
      `${targetTriple}-${name}`,
      `#!/bin/sh\nexec ${command.map(quoteForShell).join(" ")} "$@"\n`,
    ]),
  );
}
