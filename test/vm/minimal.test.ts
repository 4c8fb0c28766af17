// SPDX-License-Identifier: Apache-2.0
/** The least that there is: a kernel without network and ACPI, in 32 MiB, in a file that need not be unpacked. */

import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { machineModel, machineTypes } from "../../src/vm/machine-type.js";
import { createScratch, type Scratch } from "./boot.js";
import { buildForCommand } from "./build-for-command.js";
import { runUkl } from "./ukl-command.js";

const configuration = ["--kernel-config", "minimal", "--kernel-config", "pvh"];
/** The ports of `ukl run` take 24 MiB on microvm: its queues have 1024 places, and the kernel fills each with a page. */
const memoryToRun = { pc: "32M", microvm: "64M" };
let scratch: Scratch;

beforeAll(async () => {
  await buildForCommand();
  scratch = createScratch();
  const { status, stderr } = await runUkl(scratch.directory, "build", "hello", ...configuration);
  expect(status, stderr).toBe(0);
});
afterAll(() => scratch[Symbol.dispose]());

describe.each(machineTypes)("on %s", (machine) => {
  test("the image boots by itself", () => {
    const kernelArguments = "console=ttyS0 no_timer_check UKL_NO_REBOOT=1 reboot=t";
    const args = ["-M", machineModel(machine), "-cpu", "max", "-m", "32M", "-nographic", "-no-reboot"];
    const output = execFileSync(
      "qemu-system-x86_64",
      [...args, "-kernel", "hello.pvh", "-append", kernelArguments],
      { cwd: scratch.directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 },
    );
    expect(output).toMatch(/CPL 0\r?\nSMEP on\r?\nSMAP on\r?\nkernel 6\.12\.\d+/);
  });

  test("the application runs, and ends with its status", async () => {
    const run = ["run", "hello", ...configuration, "--machine", machine, "--memory", memoryToRun[machine]];
    const { status, stdout, stderr } = await runUkl(scratch.directory, ...run);
    expect(stdout, stderr).toContain("CPL 0");
    expect(status).toBe(0);
  });
});
