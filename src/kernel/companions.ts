// SPDX-License-Identifier: Apache-2.0
/**
 * What comes with a kernel but is not built into it: documentation, samples, tests. A kernel is built without it, so
 * that changing it does not build kernels anew.
 */

export type CompanionKind = "documentation" | "sample" | "test";

/** Paths in the kernel's tree by their beginning. */
const places = {
  "Documentation/": "documentation",
  "samples/": "sample",
  "tools/testing/": "test",
} as const satisfies Record<string, CompanionKind>;

/** What kind of companion a file of the kernel's tree is; undefined for what kernels are built from. */
export function findCompanionKind(name: string): CompanionKind | undefined {
  return Object.entries(places).find(([place]) => name.startsWith(place))?.[1];
}

/** The same for a patch, by the files that it touches: it is a companion only if all of them are. */
export function findPatchKind(files: readonly string[]): CompanionKind | undefined {
  const kinds = files.map(findCompanionKind);
  return kinds.includes(undefined) ? undefined : kinds[0];
}
