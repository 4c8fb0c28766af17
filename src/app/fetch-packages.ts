// SPDX-License-Identifier: Apache-2.0
/** The Debian packages that a build uses: headers and static archives, unpacked in the cache and not installed. */

import path from "node:path";
import type { Context } from "../host/context.js";
import { fetchSource } from "../source/fetch-source.js";

export interface FetchedPackages {
  /** For the compiler, which also links. */
  readonly flags: readonly string[];
  /** What they contain: one hash a package. */
  readonly hashes: readonly string[];
}

/**
 * Fetches them in the release's version, one after the other.
 *
 * @throws what `fetchSource` throws
 */
export async function fetchPackages(ctx: Context, names: readonly string[]): Promise<FetchedPackages> {
  const flags: string[] = [];
  const hashes: string[] = [];
  for (const name of names) {
    const source = await fetchSource(ctx, { kind: "debian-binary", package: name });
    flags.push(...packageFlags(source.path));
    hashes.push(source.sha256);
  }
  return { flags, hashes };
}

function packageFlags(tree: string): string[] {
  return [
    // Debian keeps what differs between architectures in a directory of its own.
    ...["usr/include/x86_64-linux-gnu", "usr/include"].flatMap((place) => [
      "-isystem",
      path.join(tree, place),
    ]),
    `-L${path.join(tree, "usr/lib/x86_64-linux-gnu")}`,
    // Nothing in the program says where the cache is.
    `-ffile-prefix-map=${tree}=`,
  ];
}
