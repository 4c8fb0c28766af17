// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { parseElf } from "../elf/parse-elf.js";
import { findBuildIdNote, loadKernelFacts, parseSystemMap } from "./kernel-facts.js";

const buildId = "0123456789abcdef0123456789abcdef01234567";

/** A build directory with all that is read of it; the "kernel" is a small program. */
async function createBuildDirectory({ source = "void ukl_syscall(void) {}", id = `0x${buildId}` } = {}) {
  const directory = await createTestDirectory();
  const vmlinux = path.join(directory.path, "vmlinux");
  const boot = path.join(directory.path, "arch", "x86", "boot");
  await writeFile(path.join(directory.path, "a.c"), `${source}\nint main(void) { return 0; }\n`);
  execFileSync("gcc", [`-Wl,--build-id=${id}`, "-o", vmlinux, path.join(directory.path, "a.c")]);
  // As the kernel's scripts/mksysmap: undefined symbols are left out.
  const symbols = execFileSync("nm", ["-n", vmlinux])
    .toString()
    .replaceAll(/^ .*\n|^\w+ [aw] .*\n/gm, "");
  await writeFile(path.join(directory.path, "System.map"), symbols);
  await mkdir(boot, { recursive: true });
  await writeFile(path.join(boot, "bzImage"), "");
  return { ...directory, vmlinux, bzImage: path.join(boot, "bzImage") };
}

describe("System.map", () => {
  test("gives addresses above 2^53 exactly", () => {
    expect(
      parseSystemMap("ffffffff81000000 T _text\n00000000000001f0 D per_cpu\nffffffffffffffff A end\n"),
    ).toEqual(
      new Map([
        ["_text", 0xffff_ffff_8100_0000n],
        ["per_cpu", 0x1f0n],
        ["end", 0xffff_ffff_ffff_ffffn],
      ]),
    );
  });

  test("of static symbols of one name, the last counts", () => {
    expect(parseSystemMap("01 t init\n02 t init").get("init")).toBe(2n);
  });

  test("that is empty has none", () => {
    expect(parseSystemMap("").size).toBe(0);
  });
});

describe("a finished build directory", () => {
  test("is known by its build ID and where programs call into it", async () => {
    await using build = await createBuildDirectory();
    const facts = await loadKernelFacts(build.path);
    const line = execFileSync("nm", [build.vmlinux])
      .toString()
      .match(/^(\w+) T ukl_syscall$/m);
    expect(facts).toEqual({
      bzImage: build.bzImage,
      vmlinux: build.vmlinux,
      systemMap: path.join(build.path, "System.map"),
      buildId,
      systemCallEntry: BigInt(`0x${line?.[1]}`),
      fastSystemCallEntry: undefined,
      shortcutSystemCallEntry: undefined,
    });
  });

  test("of a stock kernel has no such place", async () => {
    await using build = await createBuildDirectory({ source: "" });
    await expect(loadKernelFacts(build.path)).resolves.toMatchObject({ buildId, systemCallEntry: undefined });
  });

  test("without a build ID is none", async () => {
    await using build = await createBuildDirectory({ id: "none" });
    expect(findBuildIdNote(parseElf(await readFile(build.vmlinux), "vmlinux"))).toBeUndefined();
    await expect(loadKernelFacts(build.path)).rejects.toThrow("has no build ID");
  });

  test.each(["vmlinux", "System.map", "arch/x86/boot/bzImage"])("without its %s is none", async (name) => {
    await using build = await createBuildDirectory();
    await rm(path.join(build.path, name));
    await expect(loadKernelFacts(build.path)).rejects.toThrow("ENOENT");
  });
});
