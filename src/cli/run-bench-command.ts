// SPDX-License-Identifier: Apache-2.0
/** What the commands of `ukl bench` have in common. */

import type { FlagParametersForType } from "@stricli/core";
import { leastRounds } from "../bench/check-times.js";
import { formatReport } from "../bench/format-report.js";
import { type BenchRequest, runBench } from "../bench/run-bench.js";
import type { Suite } from "../bench/suite.js";
import { type Level, levels } from "../config/level.js";
import { exitStatus, UklError } from "../errors/ukl-error.js";
import type { Accelerator } from "../vm/find-accelerator.js";
import type { MachineType } from "../vm/machine-type.js";
import { type CliContext, type DefinedCommand, defineCommand, jsonFlag } from "./define-command.js";
import { formatBench } from "./format-bench.js";
import type { Invocation } from "./invocation.js";
import { machineFlag } from "./machine-flags.js";
import { parseRoundCount, parseSeedCount } from "./parse-flags.js";
import { deliver, requireReportFile } from "./report-file.js";

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

/** Of the suites that can be measured in time. */
type TimeFlags = { readonly accel?: Accelerator["kind"]; readonly rounds?: number };

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
    brief: "How many layouts of the kernel, 1 to 100; default: 5; with one nothing is claimed",
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

const timeFlags: FlagParametersForType<TimeFlags, CliContext> = {
  accel: {
    kind: "enum",
    values: ["kvm", "tcg"],
    brief: "Measure in time on this, instead of counting; what tcg, an emulator, takes says little",
    optional: true,
  },
  rounds: {
    kind: "parsed",
    parse: parseRoundCount,
    brief: "With --accel: how often each variant boots, in turns; default: 20",
    placeholder: "N",
    optional: true,
  },
};

/** For the description of a command that measures. */
export const benchMethod = `What is counted are the guest's instructions, under an emulator that gives the same count in every run, on a busy host
too. Counts are no times. Every variant boots with five layouts of the kernel (--seeds); a difference is claimed when it is more
than 0.3 % and more than twice what the layouts differ, so never with one. What a configuration (--kernel-config) gives shows at stock Linux;
a second table compares the levels with stock Linux of that configuration.

Exit status: 1 when a control failed; there are no figures then.`;

const timeMethod = `With --accel kvm the same is measured in time, where KVM works: in each of 20 rounds (--rounds) every variant boots once,
one machine at a time, the baseline twice. A difference is claimed when the interval of its ratios, round by round, does not hold
1, and it is more than what the baseline differs from itself. Of a server it is also measured how long requests take that
come at a fixed rate. With --accel tcg nothing is claimed: it shows that everything works.`;

/** What the flags say of how a suite is to be run. */
export function toBenchOptions(flags: BenchFlags & TimeFlags): Omit<BenchRequest, "suite"> {
  const { level: levels, kernelConfig, eachOption, profileGuided, distribution } = flags;
  const { seeds: seedCount, machine, cpu: cpuModel, accel: accelerator, rounds: roundCount } = flags;
  if (accelerator !== undefined && seedCount !== undefined)
    throw new UklError("USAGE_INVALID", "Cannot use --seeds with --accel: in time there are rounds", {
      hint: `Say how many: --rounds ${Math.max(seedCount, leastRounds)}`,
    });
  if (accelerator === undefined && roundCount !== undefined)
    throw new UklError("USAGE_INVALID", "Cannot use --rounds without --accel: what is counted has seeds", {
      hint: "Measure in time with --accel kvm, or say how many layouts to count with --seeds",
    });
  return {
    ...{ levels, kernelConfig, eachOption, profileGuided, distribution, seedCount, machine, cpuModel },
    ...{ accelerator, roundCount },
  };
}

/** The command that runs a suite, in time, too, where it can be. */
export function defineBenchCommand(suite: Suite, what: string): DefinedCommand {
  const description = `${what}\n\n${benchMethod}`;
  return suite.time === undefined
    ? defineCommand<BenchFlags>({ description, flags: benchFlags, ...runs(suite) })
    : defineCommand<BenchFlags & TimeFlags>({
        description: `${description}\n\n${timeMethod}`,
        flags: { ...benchFlags, ...timeFlags },
        ...runs(suite),
      });
}

function runs(suite: Suite) {
  return {
    run: async ({ ctx, flags, print }: Invocation<BenchFlags & TimeFlags, []>) => {
      await requireReportFile(flags.report);
      const report = await runBench(ctx, { suite, ...toBenchOptions(flags) });
      await deliver(
        flags.report,
        () => formatReport(report),
        () => print(flags.json === true ? JSON.stringify(report, null, 2) : formatBench(report)),
      );
      return report.ok ? exitStatus.ok : exitStatus.failed;
    },
  };
}

/** The command that runs the suite of an application. */
export function defineApplicationBench(suite: Suite, name: string): DefinedCommand {
  return defineBenchCommand(
    suite,
    `Compares the levels with stock Linux of the same configuration, request by request: ${name} and its client in one guest,
over loopback. "server" is what the server's processes execute, "machine" everything, the client's part included.`,
  );
}
