// SPDX-License-Identifier: Apache-2.0
/** Where the package's own files are: kernel/, userland/, apps/. */

import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** An absolute path below the package's root, from the compiled files as well as from the sources. */
export function packagePath(...parts: readonly string[]): string {
  return path.join(packageRoot, ...parts);
}

const packageRoot = findPackageRoot(path.dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(directory: string): string {
  return existsSync(path.join(directory, "package.json"))
    ? directory
    : findPackageRoot(path.dirname(directory));
}
