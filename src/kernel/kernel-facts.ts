// SPDX-License-Identifier: Apache-2.0
/** What others need to know of a built kernel. */

import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { type ElfFile, parseElf } from "../elf/parse-elf.js";
import { type ElfNote, readNotes } from "../elf/read-notes.js";
import type { Kernel } from "./build-kernel.js";

export type KernelFacts = Pick<
  Kernel,
  | "bzImage"
  | "vmlinux"
  | "systemMap"
  | "buildId"
  | "systemCallEntry"
  | "fastSystemCallEntry"
  | "shortcutSystemCallEntry"
>;

/** Reads a finished build directory. Rejects when a part is missing. */
export async function loadKernelFacts(tree: string): Promise<KernelFacts> {
  const bzImage = path.join(tree, "arch", "x86", "boot", "bzImage");
  const vmlinux = path.join(tree, "vmlinux");
  const systemMap = path.join(tree, "System.map");
  await access(bzImage);
  const symbols = parseSystemMap(await readFile(systemMap, "utf8"));
  return {
    bzImage,
    vmlinux,
    systemMap,
    buildId: await loadBuildId(vmlinux),
    systemCallEntry: symbols.get("ukl_syscall"),
    fastSystemCallEntry: symbols.get("ukl_fast_syscall"),
    // A kernel without TCP has no shortcuts.
    shortcutSystemCallEntry: symbols.get("ukl_shortcut_syscall") ?? symbols.get("ukl_fast_syscall"),
  };
}

/** Whether it has this option, as "CONFIG_PVH", built in. */
export async function hasOption(tree: string, option: string): Promise<boolean> {
  const config = await readFile(path.join(tree, ".config"), "utf8");
  return config.split("\n").includes(`${option}=y`);
}

/** The addresses of a System.map by name; of several static symbols of one name, the last. */
export function parseSystemMap(text: string): ReadonlyMap<string, bigint> {
  const symbols = new Map<string, bigint>();
  for (const line of text.split("\n")) {
    const [address, , name] = line.split(" ");
    if (address !== undefined && name !== undefined) symbols.set(name, BigInt(`0x${address}`));
  }
  return symbols;
}

/** The note that holds a program's GNU build ID. */
export function findBuildIdNote(elf: ElfFile): ElfNote | undefined {
  return readNotes(elf).find(({ owner, type }) => owner === "GNU" && type === gnuBuildId);
}

/** NT_GNU_BUILD_ID. */
const gnuBuildId = 3;

async function loadBuildId(vmlinux: string): Promise<string> {
  const note = findBuildIdNote(parseElf(await readFile(vmlinux), vmlinux));
  if (note === undefined) throw new Error(`${vmlinux} has no build ID`);
  return Buffer.from(note.description).toString("hex");
}
