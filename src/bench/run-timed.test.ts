// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { guestArguments } from "./run-guest.js";
import { hostClock } from "./run-timed.js";

const boot = { title: "micro", file: "/k", initramfs: new Uint8Array(), kernelArguments: [], seed: 3 };

test.each([
  ["kvm", "host"],
  ["tcg", "max"],
] as const)("a machine that is timed on %s is the counted one without its clock", (accelerator, cpuModel) => {
  const timed = { ...boot, accelerator };
  const line = guestArguments(timed, hostClock(timed), { initramfs: "/i", output: "/o" }).join(" ");
  expect(line).toContain(`-M pc -accel ${accelerator} -cpu ${cpuModel} -smp 1 -m 256M`);
  expect(line).toContain("-seed 3 -rtc base=2020-01-01 -nic none");
  expect(line).not.toMatch(/icount|clock=vm|virtio|-drive/);
});
