// SPDX-License-Identifier: Apache-2.0
/** The kernels that have been built: for questions that are not worth a build. */

import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { manifestName } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { treeName } from "./build-kernel.js";
import { loadKernelFacts } from "./kernel-facts.js";

export interface BuiltKernel {
  /** "6.12-ukl". */
  readonly name: string;
  /** Of vmlinux, as its GNU build ID: 40 hexadecimal digits. */
  readonly buildId: string;
  /** Where programs call into it when it is not randomised. */
  readonly systemCallEntry: bigint;
  /** The names, by number, of the system calls that it was configured without: they fail with ENOSYS. */
  readonly missingSystemCalls: ReadonlyMap<number, string>;
}

/** The kernels in the cache that have our patches, the one last used first. */
export async function findKernels(ctx: Context): Promise<BuiltKernel[]> {
  const directory = path.join(ctx.cacheDir, "kernel");
  const names = await readdir(directory).catch(() => []);
  const found = await Promise.all(names.map((name) => findKernel(path.join(directory, name))));
  return found
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.usedAtMs - a.usedAtMs)
    .map(({ kernel }) => kernel);
}

/** Undefined for what is no kernel of ours, and for what is being built or removed at this moment. */
async function findKernel(place: string): Promise<{ kernel: BuiltKernel; usedAtMs: number } | undefined> {
  const tree = path.join(place, treeName);
  try {
    // Written last: what has it is complete.
    const { mtimeMs } = await stat(path.join(place, manifestName));
    const { buildId, systemCallEntry, systemMap } = await loadKernelFacts(tree);
    if (systemCallEntry === undefined) return undefined;
    const name = path.basename(place).replace(/-[0-9a-f]{16}$/, "");
    const table = await readFile(path.join(tree, "arch/x86/include/generated/asm/syscalls_64.h"), "utf8");
    const missingSystemCalls = parseMissingSystemCalls(table, await readFile(systemMap, "utf8"));
    return { kernel: { name, buildId, systemCallEntry, missingSystemCalls }, usedAtMs: mtimeMs };
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
