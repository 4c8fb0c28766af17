// SPDX-License-Identifier: Apache-2.0
/** The kernels that have been built: for questions that are not worth a build. */

import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { manifestName } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { treeName } from "./build-kernel.js";
import { loadKernelFacts } from "./kernel-facts.js";

export interface BuiltKernel {
  /** Of vmlinux, as its GNU build ID: 40 hexadecimal digits. */
  readonly buildId: string;
  /** Where programs call into it when it is not randomised. */
  readonly systemCallEntry: bigint;
  /** The names, by number, of the system calls that it was configured without: they fail with ENOSYS. */
  readonly missingSystemCalls: ReadonlyMap<number, string>;
}

/**
 * The kernels in the cache that have our patches, the one last used first.
 *
 * @param most how many of them are wanted: each is a file of many megabytes to be read
 */
export async function findKernels(ctx: Context, most: number): Promise<BuiltKernel[]> {
  const found: BuiltKernel[] = [];
  for (const place of await findPlaces(path.join(ctx.cacheDir, "kernel"))) {
    if (found.length >= most) break;
    const kernel = await loadKernel(place);
    if (kernel !== undefined) found.push(kernel);
  }
  return found;
}

/** The directories of complete builds: their manifests, written last, are touched when they are used. */
async function findPlaces(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const entries = await Promise.all(
    names.map(async (name) => {
      const place = path.join(directory, name);
      const manifest = await stat(path.join(place, manifestName)).catch(() => undefined);
      return manifest === undefined ? [] : [{ place, usedAtMs: manifest.mtimeMs }];
    }),
  );
  return entries
    .flat()
    .sort((a, b) => b.usedAtMs - a.usedAtMs)
    .map(({ place }) => place);
}

/** Undefined for what is no kernel of ours, and for what is being removed at this moment. */
async function loadKernel(place: string): Promise<BuiltKernel | undefined> {
  const tree = path.join(place, treeName);
  try {
    const { buildId, systemCallEntry, systemMap } = await loadKernelFacts(tree);
    if (systemCallEntry === undefined) return undefined;
    const table = await readFile(path.join(tree, "arch/x86/include/generated/asm/syscalls_64.h"), "utf8");
    const missingSystemCalls = parseMissingSystemCalls(table, await readFile(systemMap, "utf8"));
    return { buildId, systemCallEntry, missingSystemCalls };
  } catch {
    return undefined;
  }
}

/** What is in the kernel's table, but a weak symbol only, which stands for sys_ni_syscall: configured out. */
export function parseMissingSystemCalls(table: string, systemMap: string): Map<number, string> {
  const weak = new Set([...systemMap.matchAll(/ W __x64_sys_(\w+)$/gm)].map(([, name = ""]) => name));
  return new Map(
    [...table.matchAll(/^__SYSCALL\((\d+), sys_(\w+)\)/gm)]
      .map(([, number, name = ""]): [number, string] => [Number(number), name])
      .filter(([, name]) => weak.has(name)),
  );
}
