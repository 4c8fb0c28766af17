// SPDX-License-Identifier: Apache-2.0
/** Which part of Linux a function of a built kernel belongs to: by the object file that it was compiled into. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseElf } from "../elf/parse-elf.js";
import { readSymbols } from "../elf/read-symbols.js";
import { listTree } from "../host/hash.js";
import { mapParallel } from "../host/map-parallel.js";
import type { Kernel } from "../kernel/build-kernel.js";

/** A function of the kernel, up to the next one. */
export interface KernelFunction {
  readonly address: bigint;
  readonly name: string;
  readonly area: string;
}

/** How the paths of objects begin; the longest that fits decides. */
const areasByPath: Readonly<Record<string, string>> = {
  "": "other",
  "arch/x86/entry": "entry and exit",
  "arch/x86/kernel/fpu": "FPU state",
  "arch/x86/lib": "copying and strings",
  "arch/x86/lib/retpoline": "indirect branches",
  "arch/x86/mm": "memory",
  "arch/x86/ukl": "entry and exit",
  "arch/x86/ukl/shortcut": "sockets",
  block: "files and disks",
  "drivers/net": "network devices",
  fs: "files and disks",
  "fs/eventpoll": "epoll",
  io_uring: "io_uring",
  "kernel/entry": "entry and exit",
  "kernel/bpf": "BPF",
  "kernel/futex": "futex",
  "kernel/locking": "locks",
  "kernel/rcu": "RCU",
  "kernel/sched": "scheduler",
  "kernel/softirq": "softirq",
  "kernel/time": "clocks and timers",
  lib: "copying and strings",
  mm: "memory",
  net: "sockets",
  "net/core": "network core",
  "net/ipv4": "TCP and IP",
  "net/ipv6": "TCP and IP",
  "net/sched": "network core",
};

/** Where control goes from one task to another. */
export const taskSwitch = "__switch_to_asm";

/** Code that interrupts and exceptions enter, from the first address to before the second. */
export interface EntryText {
  readonly start: bigint;
  readonly end: bigint;
}

export async function loadEntryText({ systemMap }: Kernel): Promise<EntryText> {
  const map = await readFile(systemMap, "utf8");
  const addressOf = (name: string): bigint => {
    const [, address] = new RegExp(`^([0-9a-f]{16}) T ${name}$`, "m").exec(map) ?? [];
    if (address === undefined) throw new Error(`${systemMap} has no ${name}`);
    return BigInt(`0x${address}`);
  };
  return { start: addressOf("__entry_text_start"), end: addressOf("__entry_text_end") };
}

/** All functions of a kernel at the addresses for which it was linked, ascending. */
export async function loadKernelFunctions({ tree, systemMap }: Kernel): Promise<KernelFunction[]> {
  const objects = await findObjects(tree);
  let object = "";
  return parseFunctions(await readFile(systemMap, "utf8")).map(({ address, name }) => {
    const candidates = objects.get(name) ?? [];
    // Of several static functions of one name it is the one whose neighbours are in the same object.
    if (!candidates.includes(object)) object = candidates[0] ?? object;
    return { address, name, area: name === taskSwitch ? "scheduler" : findArea(object) };
  });
}

/** The part of Linux of an object, by its path in the tree: "net/ipv4/tcp.o". */
export function findArea(object: string): string {
  const fitting = Object.keys(areasByPath).filter((start) => object.startsWith(start));
  return areasByPath[fitting.reduce((a, b) => (b.length > a.length ? b : a), "")] as string;
}

/** The lines of a System.map that stand for code, one for each address. */
export function parseFunctions(systemMap: string): { readonly address: bigint; readonly name: string }[] {
  const functions = systemMap.split("\n").flatMap((line) => {
    const [, address, name] = /^([0-9a-f]{16}) [tTwW] (\S+)$/.exec(line) ?? [];
    return address?.startsWith("ffff") && name !== undefined
      ? [{ address: BigInt(`0x${address}`), name }]
      : [];
  });
  return functions.filter(({ address }, index) => address !== functions[index - 1]?.address);
}

/** The directories of a build tree that the kernel is made from; the others have the build's tools, and the source. */
const kernelDirectories =
  "arch/x86 block crypto drivers fs init io_uring ipc kernel lib mm net security virt".split(" ");

/** Code that runs elsewhere: before the kernel, or in processes. */
const otherPrograms = /^arch\/x86\/(boot|tools|purgatory|realmode|entry\/vdso)\//;

/** The objects that define each name. */
async function findObjects(tree: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await Promise.all(
    kernelDirectories.map(async (directory) =>
      (await listTree(path.join(tree, directory))).map((file) => path.join(directory, file)),
    ),
  );
  const files = found.flat().filter((file) => file.endsWith(".o") && !otherPrograms.test(file));
  const names = await mapParallel(files.sort(), async (file) => {
    const elf = parseElf(await readFile(path.join(tree, file)), file);
    return readSymbols(elf).flatMap(({ name, section }) =>
      section === undefined || name === "" ? [] : [name],
    );
  });
  const objects = new Map<string, string[]>();
  for (const [index, file] of files.entries()) {
    for (const name of names[index] as string[]) {
      const known = objects.get(name);
      if (known === undefined) objects.set(name, [file]);
      else if (known.at(-1) !== file) known.push(file);
    }
  }
  return objects;
}
