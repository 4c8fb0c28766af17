// SPDX-License-Identifier: Apache-2.0
/** Lets a kernel's build directory be used in another place than it was built in. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Rewrites the recorded commands in a build directory as if it had been built elsewhere. The
 * build system of tools/ records absolute paths; in another place it would build objtool anew,
 * and with a new objtool everything.
 *
 * @param tree where the directory is
 * @param from where it was built, as its files say
 * @param to where it will be used
 */
export async function moveTree(tree: string, from: string, to: string): Promise<void> {
  const tools = path.join(tree, "tools");
  for (const entry of await readdir(tools, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".cmd")) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    if (text.includes(from))
      await writeFile(
        file,
        text.replaceAll(from, () => to),
      );
  }
}
