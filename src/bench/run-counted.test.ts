// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { checkConsole, countedArguments } from "./run-counted.js";

const boot = {
  title: "micro at base, seed 3",
  file: "/k",
  initramfs: new Uint8Array(),
  kernelArguments: ["pti=off"],
  seed: 3,
};

describe("countedArguments", () => {
  test("leave out everything that would bring the host's time into the guest", () => {
    const line = countedArguments(boot, "/i", "/o").join(" ");
    expect(line).toContain("-smp 1");
    expect(line).toContain("-icount shift=0,sleep=off -seed 3 -rtc base=2020-01-01,clock=vm -nic none");
    expect(line).toContain("-cpu max,-erms,-fsrm");
    expect(line).not.toMatch(/virtio|-drive|-netdev|kvm/);
    expect(line).toContain("-M pc ");
    expect(line).toMatch(/-append console=ttyS0 no_timer_check panic=-1 quiet UKL_NO_REBOOT=1 pti=off$/);
  });
});

test("a counted microvm is told how it ends", () => {
  const line = countedArguments({ ...boot, machine: "microvm" }, "/i", "/o").join(" ");
  expect(line).toContain("-M microvm,acpi=off ");
  expect(line).toMatch(/UKL_NO_REBOOT=1 reboot=t pti=off$/);
});

describe("checkConsole", () => {
  const end = "init: /bin/bench ended with status 0\n[    3.6] reboot: Power down\n";

  test("accepts a program that succeeded", () => {
    expect(() => checkConsole("micro", `count fork 8 1 2\n${end}`)).not.toThrow();
  });

  test.each([
    [
      "the kernel warned",
      `[    1.2] WARNING: CPU: 0 PID: 1 at kernel/fork.c:1\n${end}`,
      "the kernel said: WARNING",
    ],
    ["the program failed", "bench: fork: no\ninit: /bin/bench ended with status 1\n", "bench: fork: no"],
    ["it was killed", "init: /bin/bench was ended by signal 11 (Segmentation fault)\n", "signal 11"],
    ["it did not end", "count fork 8 1 2\n", "the program failed"],
  ])("refuses when %s", (_what, text, message) => {
    expect(() => checkConsole("micro", text)).toThrow(message);
  });
});
