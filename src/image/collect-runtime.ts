// SPDX-License-Identifier: Apache-2.0
/**
 * What a dynamic program finds around it: its loader and libraries, the files of the packages that it comes from, and
 * what the C library reads by itself. All of it lies in the guest where it lies here.
 */

import { readdir, readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { guestPathOf } from "../config/guest-path.js";
import { findSharedLibraries } from "../elf/find-shared-libraries.js";
import { type ElfFile, isDynamic, isElf, parseElf } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { type DebianFiles, findDebianFiles } from "./debian-files.js";
import { GuestTree } from "./guest-tree.js";

import type { GuestFile } from "./initramfs.js";
import type { GuestFiles } from "./load-guest-files.js";

export interface Runtime extends GuestFiles {
  /** Where a path of the guest leads, through the links that are part of this. */
  readonly resolve: (guestPath: string) => string;
}

/** For a dynamic program of this system. Its own file is among what is collected. */
export async function collectProgramRuntime(ctx: Context, file: string, elf: ElfFile): Promise<Runtime> {
  const tree = new GuestTree();
  const real = (await tree.add(file)) ?? file;
  const libraries = await addLibraries(tree, elf, real);
  const { packages, paths } = await findPackages(ctx, [file, real, ...libraries]);
  for (const name of [...paths, ...systemFiles]) await tree.addPublic(name);
  for (const name of systemPrograms) await addProgram(tree, name);
  ctx.log.detail(`Packages in the image: ${packages.join(", ") || "none"}`);
  return finish(ctx, tree, await systemAccounts());
}

/** For the programs and libraries among an application's own files; nothing when all of them are static. */
export async function collectLibraries(ctx: Context, files: readonly GuestFile[]): Promise<Runtime> {
  const tree = new GuestTree();
  for (const { path: name, data } of files) {
    const elf = isElf(data) ? tryParse(data, name) : undefined;
    if (elf !== undefined) await addLibraries(tree, elf, name);
  }
  return finish(ctx, tree, []);
}

/** system(3) and popen(3) start the shell. */
const systemPrograms = ["/bin/sh"];

/** Where the loader finds libraries in unusual places; the names of ports and protocols. */
const systemFiles = ["/etc/ld.so.cache", "/etc/services", "/etc/protocols"];

/** Adds what a program or library loads, as far as it is on this machine; returns the files. */
async function addLibraries(tree: GuestTree, elf: ElfFile, file: string): Promise<string[]> {
  const libraries = await findSharedLibraries(elf, file);
  const files = libraries.flatMap((library) => library.file ?? []);
  for (const name of files) await tree.add(name);
  return files;
}

async function addProgram(tree: GuestTree, file: string): Promise<void> {
  const real = await tree.add(file);
  if (real === undefined) return;
  const elf = parseElf(await readFile(real), real);
  if (isDynamic(elf)) await addLibraries(tree, elf, real);
}

/** What is no x86-64 program is data, whatever it looks like. */
function tryParse(data: Uint8Array, name: string): ElfFile | undefined {
  try {
    return parseElf(data, name);
  } catch (error) {
    if (error instanceof UklError) return undefined;
    throw error;
  }
}

/**
 * The packages of these files, with their configuration as the administrator has it; a module that is enabled there by
 * a link may be another package's.
 */
async function findPackages(ctx: Context, files: readonly string[]): Promise<DebianFiles> {
  const own = await findDebianFiles(ctx, files);
  const configuration = await listConfiguration(own);
  const enabled = await findLinked(configuration);
  const all = enabled.length === 0 ? own : await findDebianFiles(ctx, [...files, ...enabled]);
  return { packages: all.packages, paths: [...all.paths, ...configuration] };
}

/** All that is in the directories of /etc that are named after these packages. */
async function listConfiguration({ packages, paths }: DebianFiles): Promise<string[]> {
  const names = new Set(packages.flatMap((name) => [name, name.replace(/-.*/, "")]));
  const directories = paths.filter((name) => path.dirname(name) === "/etc" && names.has(path.basename(name)));
  const lists = await Promise.all(
    directories.map(async (directory) => {
      const entries = await readdir(directory, { recursive: true }).catch(() => []);
      return entries.map((name) => path.join(directory, name));
    }),
  );
  return lists.flat().sort();
}

/** Where the links among these files lead, outside of /etc. */
async function findLinked(files: readonly string[]): Promise<string[]> {
  const targets = await Promise.all(files.map((file) => realpath(file).catch(() => file)));
  return targets.filter((target) => !target.startsWith("/etc/"));
}

/** The accounts that packages made when they were installed, without those of people. */
async function systemAccounts(): Promise<GuestFile[]> {
  const isSystem = (line: string): boolean => {
    const id = Number(line.split(":")[2]);
    return id < firstPersonId || id === nobodyId;
  };
  const accounts = await Promise.all(
    ["/etc/passwd", "/etc/group"].map(async (file) => {
      const lines = (await readFile(file, "utf8"))
        .split("\n")
        .filter((line) => line !== "" && isSystem(line));
      return { path: file, mode: 0o644, data: Buffer.from(`${lines.join("\n")}\n`) };
    }),
  );
  return accounts;
}

const firstPersonId = 1000;
const nobodyId = 65534;

async function finish(ctx: Context, tree: GuestTree, files: readonly GuestFile[]): Promise<Runtime> {
  const { leftOut, ...found } = await tree.load();
  if (leftOut.length > 0)
    ctx.log.warn(
      `Left out of the image, because not everybody may read it: ${leftOut.join(", ")}. If it is needed: --include FILE`,
    );
  return {
    files: [...found.files, ...files].map((file) => ({ ...file, path: guestPathOf(file.path) })),
    links: found.links.map((link) => ({ ...link, path: guestPathOf(link.path) })),
    directories: found.directories.map(guestPathOf),
    resolve: (name) => tree.resolve(name),
  };
}
