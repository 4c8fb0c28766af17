// SPDX-License-Identifier: Apache-2.0
/** The kinds of machine that QEMU puts together. */

/**
 * `pc`, with PCI, ACPI and a firmware that looks for both; `microvm`, with nothing but what the kernel is told of on
 * its command line.
 */
export const machineTypes = ["pc", "microvm"] as const;
export type MachineType = (typeof machineTypes)[number];

export const defaultMachineType: MachineType = "pc";

/** The value of -M. With ACPI, Linux fails to calibrate the clock of most emulated microvms. */
export function machineModel(machine: MachineType): string {
  return machine === "microvm" ? "microvm,acpi=off" : machine;
}

/** What the kernel has to be told of the machine. */
export function machineKernelArguments(machine: MachineType): string[] {
  // It has no keyboard controller, which Linux would ask for seconds to reset it.
  return machine === "microvm" ? ["reboot=t"] : [];
}

/** On the bus that the machine has. */
export function virtioDevice(kind: "9p" | "blk" | "net" | "rng" | "serial", machine: MachineType): string {
  return `virtio-${kind}-${machine === "microvm" ? "device" : "pci"}`;
}
