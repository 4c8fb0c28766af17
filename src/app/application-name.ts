// SPDX-License-Identifier: Apache-2.0
/** What to call an application that nobody has named. */

import path from "node:path";

/** From a file or directory: "Hello World.c" → "hello-world". */
export function applicationName(file: string): string {
  return (
    path
      .parse(file)
      .name.toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "app"
  );
}
