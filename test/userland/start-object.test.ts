// SPDX-License-Identifier: Apache-2.0

import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseElf } from "../../src/elf/parse-elf.js";
import { findUklNote } from "../../src/elf/ukl-note.js";
import { packagePath } from "../../src/host/package-path.js";
import { runCommand } from "../../src/host/run-command.js";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";
import { ctx, run, useDirectory, useToolchain } from "./fixture.js";

let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await useToolchain();
});

test("takes the kernel's entry from the auxiliary vector, if it understands it", async () => {
  const program = path.join(useDirectory(), "vector");
  const source = packagePath("test", "userland", "bare", "vector.c");
  const flags = ["-O1", "-fno-stack-protector", "-nostdlib", "-e", "test_entry"];
  await runCommand(ctx, toolchain.cc, [...flags, "-o", program, source, toolchain.startObject]);
  expect((await run(program)).exitCode).toBe(0);
});

test("a program is static, at a fixed address below 16 MiB, and marked", async () => {
  const program = path.join(useDirectory(), "program");
  await runCommand(ctx, toolchain.cc, ["-o", program, "-xc", "-"], { input: "int main(void) { return 7; }" });
  const elf = parseElf(await readFile(program), program);
  expect(elf.type).toBe("executable");
  expect(findUklNote(elf)).toEqual({ kernelBuildId: undefined });
  expect(elf.segments.every(({ address, memorySizeBytes }) => address + memorySizeBytes < 0x1000000n)).toBe(
    true,
  );
  expect((await run(program)).exitCode).toBe(7);
});

test("the slot is read-only once the program runs", async () => {
  const program = path.join(useDirectory(), "program");
  await runCommand(ctx, toolchain.cc, ["-o", program, "-xc", "-"], { input: "int main(void) { return 7; }" });
  const { stdout } = await runCommand(ctx, "nm", [program]);
  const slot = BigInt(`0x${/^(\w+) . ukl_syscall_slot$/m.exec(stdout)?.[1]}`);
  const relro = parseElf(await readFile(program), program).segments.find(({ type }) => type === 0x6474e552);
  expect(relro).toBeDefined();
  if (relro === undefined) return;
  // Protection is by the page: the slot's page must lie in it as a whole.
  expect(slot >= relro.address).toBe(true);
  expect((slot | 0xfffn) < relro.address + relro.memorySizeBytes).toBe(true);
});
