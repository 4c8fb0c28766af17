// SPDX-License-Identifier: Apache-2.0
/** What the commands of `ukl bench` have in common. */

import { writeFile } from "node:fs/promises";
import type { FlagParametersForType } from "@stricli/core";
import { formatReport } from "../bench/format-report.js";
import { type BenchRequest, runBench } from "../bench/run-bench.js";
import type { Suite } from "../bench/suite.js";
import { type Level, levels } from "../config/level.js";
import { exitStatus } from "../errors/ukl-error.js";
import { explainSystemError } from "../host/system-error.js";
import type { MachineType } from "../vm/machine-type.js";
import { type CliContext, type DefinedCommand, defineCommand, jsonFlag } from "./define-command.js";
import { formatBench } from "./format-bench.js";
import { machineFlag } from "./machine-flags.js";
import { parseSeedCount } from "./parse-flags.js";

export type BenchFlags = {
  readonly level?: readonly Level[];
  readonly kernelConfig?: readonly string[];
  readonly eachOption?: boolean;
  readonly profileGuided?: boolean;
  readonly distribution?: boolean;
  readonly seeds?: number;
  readonly machine?: MachineType;
  readonly cpu?: string;
  readonly report?: string;
  readonly json?: boolean;
};

export const benchFlags: FlagParametersForType<BenchFlags, CliContext> = {
  level: {
    kind: "enum",
    values: levels,
    brief: "Compare only this level with linux; may be repeated",
    optional: true,
    variadic: true,
  },
  kernelConfig: {
    kind: "parsed",
    parse: String,
    brief: "Count linux and the levels with this fragment of kernel/config, too: tuned; may be repeated",
    placeholder: "NAME",
    optional: true,
    variadic: true,
  },
  eachOption: {
    kind: "boolean",
    brief: "And linux with each option of it alone; builds a kernel for each",
    optional: true,
    withNegated: false,
  },
  profileGuided: {
    kind: "boolean",
    brief: "Count them on kernels that are compiled by a profile of the recipe's test, too",
    optional: true,
    withNegated: false,
  },
  distribution: {
    kind: "boolean",
    brief: "Count Debian's own kernel with its package of the program, too; its boots are long",
    optional: true,
    withNegated: false,
  },
  seeds: {
    kind: "parsed",
    parse: parseSeedCount,
    brief: "How many layouts of the kernel; default: 5",
    placeholder: "N",
    optional: true,
  },
  machine: machineFlag,
  cpu: {
    kind: "parsed",
    parse: String,
    brief: "The processor's model, as QEMU names it: EPYC-Milan, Skylake-Server",
    placeholder: "MODEL",
    optional: true,
  },
  report: {
    kind: "parsed",
    parse: String,
    brief: "Write a report, one HTML file",
    placeholder: "FILE",
    optional: true,
  },
  json: jsonFlag,
};

/** For the description of a command that measures. */
export const benchMethod = `What is counted are the guest's instructions, under an emulator that gives the same count in every run, on a busy host
too. Counts are no times. Every variant boots with five layouts of the kernel (--seeds); a difference is claimed when it is more
than 0.3 % and more than twice what the layouts differ. What a configuration (--kernel-config) gives shows at stock Linux;
a second table compares the levels with stock Linux of that configuration.

Exit status: 1 when a control failed; there are no figures then.`;

/** What the flags say of how a suite is to be run. */
export function toBenchOptions(flags: BenchFlags): Omit<BenchRequest, "suite"> {
  const { level: levels, kernelConfig, eachOption, profileGuided, distribution } = flags;
  const { seeds: seedCount, machine, cpu: cpuModel } = flags;
  return { levels, kernelConfig, eachOption, profileGuided, distribution, seedCount, machine, cpuModel };
}

/** The command that runs a suite. */
export function defineBenchCommand(suite: Suite, what: string): DefinedCommand {
  return defineCommand<BenchFlags>({
    description: `${what}

${benchMethod}`,
    flags: benchFlags,
    run: async ({ ctx, flags, print }) => {
      const report = await runBench(ctx, { suite, ...toBenchOptions(flags) });
      if (flags.report !== undefined) await writeReport(flags.report, formatReport(report));
      print(flags.json === true ? JSON.stringify(report, null, 2) : formatBench(report));
      return report.ok ? exitStatus.ok : exitStatus.failed;
    },
  });
}

/** The command that runs the suite of an application. */
export function defineApplicationBench(suite: Suite, name: string): DefinedCommand {
  return defineBenchCommand(
    suite,
    `Compares the levels with stock Linux of the same configuration, request by request: ${name} and its client in one guest,
over loopback. "server" is what the server's processes execute, "machine" everything, the client's part included.`,
  );
}

export async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw explainSystemError(error, `write "${file}"`);
  }
}
