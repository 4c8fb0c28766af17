// SPDX-License-Identifier: Apache-2.0
/** Compiles the command line, for tests that run it from outside. */

import { execFileSync } from "node:child_process";
import { packagePath } from "../src/host/package-path.js";

/**
 * Compiles what is out of date; test files that want it at the same time wait for each other, lest one runs what
 * the other is writing.
 *
 * @returns the path of the main module
 */
export function compileMain(): string {
  const tsc = packagePath("node_modules", ".bin", "tsc");
  execFileSync("flock", [packagePath("tsconfig.json"), tsc, "--build"], { cwd: packagePath() });
  return packagePath("dist", "src", "cli", "main.js");
}
