// SPDX-License-Identifier: Apache-2.0
/** The flags of every command that builds an image, and of those that boot it. */

import type { FlagParametersForType } from "@stricli/core";
import type { AppFile } from "../config/app.js";
import { type Level, levels } from "../config/level.js";
import { type NetworkKind, networkKinds } from "../config/network-kind.js";
import type { AcceleratorChoice } from "../vm/find-accelerator.js";
import { type MachineType, machineTypes } from "../vm/machine-type.js";
import type { StartRequest } from "../vm/start-app.js";
import type { CliContext } from "./define-command.js";
import { parseCpus, parseInclude, parseMemoryMib } from "./parse-flags.js";

export type ImageFlags = {
  readonly level?: Level;
  readonly kernel?: string;
  readonly kernelConfig?: readonly string[];
  readonly include?: readonly AppFile[];
};

export const imageFlags: FlagParametersForType<ImageFlags, CliContext> = {
  level: {
    kind: "enum",
    values: levels,
    brief: "linux, compat, base, bypass or shortcut; default: the application's",
    optional: true,
  },
  kernel: { kind: "parsed", parse: String, brief: "The kernel series", placeholder: "6.12", optional: true },
  kernelConfig: {
    kind: "parsed",
    parse: String,
    brief: "A further fragment of kernel/config: tuned; may be repeated",
    placeholder: "NAME",
    optional: true,
    variadic: true,
  },
  include: {
    kind: "parsed",
    parse: parseInclude,
    brief: "Put a file or directory of this system into the image: FILE[:PATH]",
    placeholder: "FILE",
    optional: true,
    variadic: true,
  },
};

type ImageParts = Pick<StartRequest, "level" | "series" | "kernelConfig" | "files">;

export function toImageRequest({ level, kernel, kernelConfig, include }: ImageFlags): ImageParts {
  return {
    ...{ level, series: kernel, files: include },
    kernelConfig: kernelConfig && { fragments: kernelConfig },
  };
}

/** QEMU's kind of machine. */
export const machineFlag = {
  kind: "enum",
  values: machineTypes,
  brief: "pc (the default), or microvm: no PCI and no ACPI",
  optional: true,
} as const;

export type MachineFlags = ImageFlags & {
  readonly memory?: number;
  readonly cpus?: number;
  readonly accel?: AcceleratorChoice;
  readonly network?: NetworkKind;
  readonly machine?: MachineType;
};

export const machineFlags: FlagParametersForType<MachineFlags, CliContext> = {
  ...imageFlags,
  memory: {
    kind: "parsed",
    parse: parseMemoryMib,
    brief: "The machine's memory",
    placeholder: "SIZE",
    optional: true,
  },
  cpus: { kind: "parsed", parse: parseCpus, brief: "The machine's CPUs", placeholder: "N", optional: true },
  accel: { kind: "enum", values: ["auto", "kvm", "tcg"], brief: "How to run the machine", optional: true },
  network: {
    kind: "enum",
    values: networkKinds,
    brief: "What connects it with this host: qemu for a server that speaks first, such as SSH; default passt",
    optional: true,
  },
  machine: machineFlag,
};

export function toMachineRequest(
  flags: MachineFlags,
): ImageParts & Pick<StartRequest, "machine" | "memoryMib" | "cpus" | "accelerator" | "network"> {
  return {
    ...toImageRequest(flags),
    memoryMib: flags.memory,
    cpus: flags.cpus,
    accelerator: flags.accel,
    network: flags.network,
    machine: flags.machine,
  };
}
