// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createToyKernel } from "../../test/toy-kernel.js";
import { parseElf } from "../elf/parse-elf.js";
import { createContext } from "../host/context.js";
import type { Kernel } from "./build-kernel.js";
import { kbuild } from "./kbuild.js";
import { findBuildIdNote, loadKernelFacts } from "./kernel-facts.js";
import { findMovedText, relinkKernel } from "./relink-kernel.js";

const patient = 60_000;
const ctx = createContext();

/** A built kernel, as buildKernel returns it. */
async function createKernel(directory: string): Promise<Kernel> {
  const source = path.join(directory, "source");
  const place = path.join(directory, "kernel");
  const tree = path.join(place, "build");
  const logFile = path.join(directory, "log");
  await createToyKernel(source);
  await mkdir(path.join(tree, "tools"), { recursive: true });
  await writeFile(path.join(tree, "tools", ".objtool.cmd"), `cmd := ${tree}/objtool\n`);
  for (const target of ["tinyconfig", "vmlinux", "bzImage"])
    await kbuild(ctx, { source, output: tree, targets: [target], logFile });
  const description = { path: place, key: "0", series: "6.12", version: "6.12.0", ukl: true, fragments: [] };
  return { ...description, compilerFlags: [], tree, source, ...(await loadKernelFacts(tree)) };
}

describe("relinking", () => {
  test("puts the initramfs into a copy, which keeps the build ID", { timeout: patient }, async () => {
    await using directory = await createTestDirectory();
    const kernel = await createKernel(directory.path);
    const before = await readFile(kernel.vmlinux);
    const copy = path.join(directory.path, "copy");
    const logFile = path.join(directory.path, "relink.log");
    const bzImage = await relinkKernel(ctx, {
      kernel,
      initramfs: "/some/initramfs.cpio",
      format: "bzImage",
      directory: copy,
      logFile,
    });

    const tree = path.join(copy, "build");
    expect(bzImage).toBe(path.join(tree, "arch", "x86", "boot", "bzImage"));
    await expect(readFile(bzImage, "latin1")).resolves.toContain("/some/initramfs.cpio");
    const facts = await loadKernelFacts(tree);
    expect(facts.buildId).toBe(kernel.buildId);
    expect(facts.systemCallEntry).toBe(kernel.systemCallEntry);
    // The boot file is made of the program that has the build ID already.
    await expect(readFile(bzImage)).resolves.toEqual(await readFile(facts.vmlinux));
    await expect(readFile(path.join(tree, "tools", ".objtool.cmd"), "utf8")).resolves.toBe(
      `cmd := ${tree}/objtool\n`,
    );
    await expect(readFile(logFile, "utf8")).resolves.toContain("olddefconfig");
    await expect(readFile(kernel.vmlinux)).resolves.toEqual(before);
  });

  test("gives the kernel as it is, without symbols, where it can be booted so", {
    timeout: patient,
  }, async () => {
    await using directory = await createTestDirectory();
    const kernel = await createKernel(directory.path);
    const file = await relinkKernel(ctx, {
      kernel,
      initramfs: "/some/initramfs.cpio",
      format: "pvh",
      directory: path.join(directory.path, "copy"),
      logFile: path.join(directory.path, "relink.log"),
    });
    const bytes = await readFile(file);
    const elf = parseElf(bytes, file);
    expect(bytes.toString("latin1")).toContain("/some/initramfs.cpio");
    expect(bytes.toString("latin1")).not.toContain("schedule");
    expect(Buffer.from(findBuildIdNote(elf)?.description ?? []).toString("hex")).toBe(kernel.buildId);
  });

  test("is refused when it moved kernel text", { timeout: patient }, async () => {
    await using directory = await createTestDirectory();
    const kernel = await createKernel(directory.path);
    const relinking = relinkKernel(ctx, {
      kernel,
      initramfs: "/some/initramfs.cpio",
      format: "bzImage",
      options: ["CONFIG_TEXT=y"],
      directory: path.join(directory.path, "copy"),
      logFile: path.join(directory.path, "relink.log"),
    });
    await expect(relinking).rejects.toMatchObject({
      code: "IMAGE_LAYOUT_MOVED",
      message: expect.stringMatching(/moved 2 kernel functions \(ukl_syscall, schedule/),
    });
  });
});

describe("moved text", () => {
  const before = `ffffffff81000000 T _text
ffffffff81000000 T startup
ffffffff81000040 t helper
ffffffff81000080 T schedule
ffffffff81000100 T _etext
ffffffff82000000 D jiffies
`;

  test("is none when nothing moved", () => {
    expect(findMovedText(before, before)).toEqual([]);
  });

  test("is not what lies behind the text: that is where the initramfs goes", () => {
    expect(findMovedText(before, before.replace("ffffffff82000000", "ffffffff82100000"))).toEqual([]);
    expect(findMovedText(before, before.replace("81000100 T _etext", "81000140 T _etext"))).toEqual([]);
  });

  test("is what has another address, or is gone", () => {
    expect(findMovedText(before, before.replace("81000080", "81000090"))).toEqual(["schedule"]);
    expect(findMovedText(before, before.replace(/^.* helper\n/m, ""))).toEqual(["helper"]);
    expect(findMovedText(before, "")).toEqual(["_text", "startup", "helper", "schedule"]);
  });

  // Only the last symbol of a name is compared, and the kernel has thousands of static ones that share theirs.
  test("is also a static function that shares its name with a later one", () => {
    const twins = before.replace("ffffffff81000080", "ffffffff81000060 t helper\nffffffff81000080");
    expect(findMovedText(twins, twins.replace("81000040 t helper", "81000044 t helper"))).toEqual(["helper"]);
  });

  test("is also a function that shares its name with data", () => {
    const twins = `${before}ffffffff82000010 d helper\n`;
    expect(findMovedText(twins, twins.replace("81000040 t helper", "81000044 t helper"))).toEqual(["helper"]);
  });

  // Otherwise an empty System.map would be proof that nothing moved.
  test("cannot be told without the bounds of the text", () => {
    expect(() => findMovedText("", before)).toThrow();
  });
});
