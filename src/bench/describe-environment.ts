// SPDX-License-Identifier: Apache-2.0
/** What figures depend on besides what they are to show: recorded with every one of them. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../host/context.js";
import { hashBytes, hashFile } from "../host/hash.js";
import { findProgramVersion } from "../host/program-version.js";
import { runCommand } from "../host/run-command.js";
import { type Accelerator, qemuProgram } from "../vm/find-accelerator.js";
import { defaultMachineType, machineModel } from "../vm/machine-type.js";
import { defaultCpuModel } from "./run-counted.js";
import type { BenchHardware } from "./run-guest.js";
import { kernelConfigNames } from "./variant.js";
import type { VariantRuns } from "./variant-runs.js";

export interface Environment {
  /** "QEMU emulator version 7.2.22 (…)" */
  readonly qemu: string;
  readonly qemuHash: string;
  readonly machine: string;
  readonly cpuModel: string;
  /** Where time is measured these are the rounds, too. */
  readonly seeds: readonly number[];
  readonly host?: HostFacts;
  /** Of kernel, program and what counts. */
  readonly kernelVersion: string;
  /** Of the kernel, as its configuration names it. */
  readonly kernelCompiler: string;
  /** Of the program that measures. */
  readonly programCompiler: string;
  readonly variants: readonly VariantEnvironment[];
}

/** What times depend on, and counts do not. */
export interface HostFacts {
  readonly accelerator: Accelerator["kind"];
  /** Its model, as it calls itself. */
  readonly processor: string;
  readonly processors: number;
}

export interface VariantEnvironment {
  readonly name: string;
  /** Of the file that is booted. */
  readonly kernelHash: string;
  /** Of its configuration without what makes it Unikernel Linux. */
  readonly configHash: string;
  /** What that was asked to have besides: variants that have the same here must have the same configuration. */
  readonly kernelConfig: readonly string[];
  readonly kernelArguments: readonly string[];
  readonly programHash: string;
  /** Of the distribution, with their versions: the kernel, whose configuration is its own, and the program. */
  readonly packages?: readonly string[];
  /** Undefined when it is part of what is booted. */
  readonly initramfsHash?: string;
}

export async function describeEnvironment(
  ctx: Context,
  measured: readonly VariantRuns[],
  {
    seeds,
    machine = defaultMachineType,
    cpuModel = defaultCpuModel,
    host,
  }: BenchHardware & { readonly seeds: readonly number[]; readonly host?: HostFacts },
): Promise<Environment> {
  const [first] = measured;
  if (first === undefined) throw new Error("nothing was measured");
  const { stdout: place } = await runCommand(ctx, "sh", ["-c", `command -v ${qemuProgram}`]);
  const config = await loadConfig(first);
  return {
    qemu: await findProgramVersion(ctx, qemuProgram),
    qemuHash: await hashFile(place.trim()),
    machine: machineModel(machine),
    cpuModel,
    seeds,
    ...(host === undefined ? {} : { host }),
    kernelVersion: first.boot.kernel.version,
    kernelCompiler: /^CONFIG_CC_VERSION_TEXT="(.*)"$/m.exec(config)?.[1] ?? "",
    programCompiler: first.runs[0]?.builtBy ?? "",
    variants: await Promise.all(measured.map(describeVariant)),
  };
}

async function describeVariant(measured: VariantRuns): Promise<VariantEnvironment> {
  const { variant, file, kernelArguments, programHash, initramfs, distribution } = measured.boot;
  return {
    name: variant.name,
    kernelHash: await hashFile(file),
    configHash: hashBytes(comparableConfig(await loadConfig(measured))),
    kernelConfig: kernelConfigNames(variant.kernelConfig),
    kernelArguments,
    programHash,
    ...(distribution === undefined ? {} : { packages: distribution.packages }),
    ...(initramfs === undefined ? {} : { initramfsHash: hashBytes(initramfs) }),
  };
}

function loadConfig({ boot }: VariantRuns): Promise<string> {
  return readFile(boot.distribution?.kernel.config ?? path.join(boot.kernel.tree, ".config"), "utf8");
}

/** The options of a configuration, without ours, what ours select (ARCH_…), and the file's comments. */
export function comparableConfig(config: string): string {
  return config
    .split("\n")
    .filter((line) => /^(# )?CONFIG_/.test(line) && !/^(# )?CONFIG_(UKL|ARCH_)/.test(line))
    .join("\n");
}
