// SPDX-License-Identifier: Apache-2.0
/** Links a built kernel once more, with an initramfs inside. */

import { appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseElf } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import type { Kernel } from "./build-kernel.js";
import { copyBuild } from "./copy-build.js";
import { kbuild } from "./kbuild.js";
import { findBuildIdNote, loadKernelFacts, parseSystemMap } from "./kernel-facts.js";

export interface RelinkRequest {
  readonly kernel: Kernel;
  /** A cpio archive, uncompressed. */
  readonly initramfs: string;
  readonly format: BootFormat;
  /** More lines for its configuration: what cannot move kernel text, such as a built-in command line. */
  readonly options?: readonly string[];
  /** Does not exist yet; for the build directory's copy, and to be removed afterwards. */
  readonly directory: string;
  readonly logFile: string;
}

/** A file that boots by itself: one that unpacks the kernel, or the ELF file of a kernel with a PVH entry. */
export type BootFormat = "bzImage" | "pvh";

/**
 * Builds the same kernel with a built-in initramfs, as one bootable file.
 *
 * @returns the path of that file
 * @throws UklError IMAGE_LAYOUT_MOVED when that moved kernel text, to which the program may be bound
 */
export async function relinkKernel(ctx: Context, request: RelinkRequest): Promise<string> {
  const { kernel, initramfs, format, directory, logFile } = request;
  const build = await copyBuild(ctx, kernel, directory, logFile);
  const { output } = build;
  await appendFile(
    path.join(output, ".config"),
    [
      `CONFIG_INITRAMFS_SOURCE="${initramfs}"`,
      // The image is compressed as a whole.
      "CONFIG_INITRAMFS_COMPRESSION_NONE=y",
      ...(request.options ?? []),
      "",
    ].join("\n"),
  );
  await kbuild(ctx, { ...build, targets: ["olddefconfig"] });
  await kbuild(ctx, { ...build, targets: ["vmlinux"] });
  await setBuildId(path.join(output, "vmlinux"), kernel.buildId);
  if (format === "bzImage") await kbuild(ctx, { ...build, targets: ["bzImage"] });
  const facts = await loadKernelFacts(output);
  await requireSameText(kernel.systemMap, facts.systemMap);
  if (facts.buildId !== kernel.buildId)
    throw new UklError(
      "IMAGE_LAYOUT_MOVED",
      "Cannot build the image: the relinked kernel has another build ID",
    );
  if (format === "bzImage") return facts.bzImage;
  const file = `${facts.vmlinux}.stripped`;
  await runCommand(ctx, "objcopy", ["--strip-all", facts.vmlinux, file], { logFile });
  return file;
}

/**
 * Gives the relinked kernel the build ID of the original. It stands for the layout that programs
 * are bound to, and the program with that build ID in it is part of what the linker would hash.
 */
async function setBuildId(vmlinux: string, buildId: string): Promise<void> {
  const bytes = await readFile(vmlinux);
  const note = findBuildIdNote(parseElf(bytes, vmlinux));
  if (note === undefined) throw new Error(`${vmlinux} has no build ID`);
  bytes.set(Buffer.from(buildId, "hex"), note.offset);
  await writeFile(vmlinux, bytes);
}

async function requireSameText(before: string, after: string): Promise<void> {
  const moved = findMovedText(await readFile(before, "utf8"), await readFile(after, "utf8"));
  if (moved.length === 0) return;
  const examples = moved.slice(0, 3).join(", ");
  throw new UklError(
    "IMAGE_LAYOUT_MOVED",
    `Cannot build the image: the initramfs moved ${moved.length} kernel functions (${examples}, …)`,
  );
}

/**
 * The names of symbols from _text to _etext that are not at the same address in both System.maps. Whole
 * lines are compared: thousands of static functions share their names.
 */
export function findMovedText(before: string, after: string): readonly string[] {
  const bounds = parseSystemMap(before);
  const [start, end] = [bounds.get("_text"), bounds.get("_etext")];
  if (start === undefined || end === undefined) throw new Error("System.map has no _text or no _etext");
  const there = new Set(after.split("\n"));
  return before.split("\n").flatMap((line) => {
    const [address = "", , name] = line.split(" ");
    if (name === undefined || there.has(line)) return [];
    const value = BigInt(`0x${address}`);
    return value >= start && value < end ? [name] : [];
  });
}
