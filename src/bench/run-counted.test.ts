// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { type CountedBoot, instructionClock } from "./run-counted.js";
import { guestArguments } from "./run-guest.js";

const boot = {
  title: "micro at base, seed 3",
  file: "/k",
  initramfs: new Uint8Array(),
  kernelArguments: ["pti=off"],
  seed: 3,
};

const places = { initramfs: "/i", output: "/o" };
const lineOf = (boot: CountedBoot) => guestArguments(boot, instructionClock(boot), places).join(" ");

describe("a counted machine's arguments", () => {
  test("leave out everything that would bring the host's time into the guest", () => {
    const line = lineOf(boot);
    expect(line).toContain("-smp 1");
    expect(line).toContain("-icount shift=0,sleep=off -seed 3 -rtc base=2020-01-01,clock=vm -nic none");
    expect(line).toContain("-cpu max,-erms,-fsrm");
    expect(line).not.toMatch(/virtio|-drive|-netdev|kvm/);
    expect(line).toContain("-M pc ");
    expect(line).toMatch(/-append console=ttyS0 no_timer_check panic=-1 quiet UKL_NO_REBOOT=1 pti=off$/);
  });
});

test("a counted microvm is told how it ends", () => {
  const line = lineOf({ ...boot, machine: "microvm" });
  expect(line).toContain("-M microvm,acpi=off ");
  expect(line).toMatch(/UKL_NO_REBOOT=1 reboot=t pti=off$/);
});
