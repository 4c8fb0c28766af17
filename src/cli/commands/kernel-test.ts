// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel test`: the guest's tests of the kernel, as a matrix of machines. */

import { exitStatus } from "../../errors/ukl-error.js";
import { type CpuModel, cpuModels } from "../../selftest/plan-runs.js";
import { runSelftest } from "../../selftest/run-selftest.js";
import { type SuiteLevel, suiteLevels } from "../../selftest/suite-level.js";
import type { AcceleratorChoice } from "../../vm/find-accelerator.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatSelftest } from "../format-selftest.js";
import { parseCount, parseCpus, parseSecondsMs } from "../parse-flags.js";

type Flags = {
  readonly series?: readonly string[];
  readonly config?: readonly string[];
  readonly cpu?: readonly CpuModel[];
  readonly cpus?: readonly number[];
  readonly level?: readonly SuiteLevel[];
  readonly filter?: readonly string[];
  readonly kaslr?: number;
  readonly nmi?: boolean;
  readonly nodes?: number;
  readonly machineChecks?: boolean;
  readonly stubs?: boolean;
  readonly timeout?: number;
  readonly accel?: AcceleratorChoice;
  readonly json?: boolean;
};

export const command = defineCommand<Flags>({
  description: `The tests are kernel/overlay/tools/testing/selftests/ukl: one program, which must give the same answers in ring 0 and as
an ordinary process on the stock kernel. Without flags every level runs on both models and on 1, 2 and 4 CPUs, then five
boots with random addresses; a flag narrows the matrix, and may be given several times.

A level is that of an application, or "linked" (base, bound to the kernel's addresses) or "off" (our kernel with ukl=off).

With --stubs the machine is stopped at every instruction of the entry and exit stubs (--filter names stubs then), and gets a
signal there, an NMI, a machine check, the three in one another, or a single step; skipped is what a machine cannot come to.

Exit status: 1 when a test failed, the guest hung or was killed, or the kernel warned.`,
  flags: {
    series: {
      kind: "parsed",
      parse: String,
      brief: "The patch series, as 6.12",
      placeholder: "VERSION",
      optional: true,
      variadic: true,
    },
    config: {
      kind: "parsed",
      parse: String,
      brief: "default, or further fragments of kernel/config, as debug or tuned+uniprocessor",
      placeholder: "NAME",
      optional: true,
      variadic: true,
    },
    cpu: {
      kind: "enum",
      values: cpuModels,
      brief: "The processor's model: with SMEP, SMAP and FSGSBASE, or without",
      optional: true,
      variadic: true,
    },
    cpus: {
      kind: "parsed",
      parse: parseCpus,
      brief: "The machine's CPUs",
      placeholder: "N",
      optional: true,
      variadic: true,
    },
    level: {
      kind: "enum",
      values: suiteLevels,
      brief: "That of an application, linked or off",
      optional: true,
      variadic: true,
    },
    filter: {
      kind: "parsed",
      parse: String,
      brief: "Only this test; * stands for any letters",
      placeholder: "NAME",
      optional: true,
      variadic: true,
    },
    kaslr: {
      kind: "parsed",
      parse: parseCount,
      brief: "Add boots with random addresses",
      placeholder: "N",
      optional: true,
    },
    nmi: {
      kind: "boolean",
      brief: "Send non-maskable interrupts back to back",
      optional: true,
      withNegated: false,
    },
    nodes: {
      kind: "parsed",
      parse: parseCount,
      brief: "Divide CPUs and memory among so many NUMA nodes; see --config memory",
      placeholder: "N",
      optional: true,
    },
    machineChecks: {
      kind: "boolean",
      brief: "Raise machine checks back to back, and add boots with errors to act on",
      optional: true,
      withNegated: false,
    },
    stubs: {
      kind: "boolean",
      brief: "Walk through the kernel's entry and exit stubs instead",
      optional: true,
      withNegated: false,
    },
    timeout: {
      kind: "parsed",
      parse: parseSecondsMs,
      brief: "Take a guest that says nothing for so long for hung; default: 180",
      placeholder: "SECONDS",
      optional: true,
    },
    accel: { kind: "enum", values: ["auto", "kvm", "tcg"], brief: "How to run the machines", optional: true },
    json: jsonFlag,
  },
  run: async ({ ctx, flags, print }) => {
    const { series, config: configs, cpu, cpus, level: levels, kaslr: kaslrBoots } = flags;
    const report = await runSelftest(ctx, {
      selection: { series, configs, cpuModels: cpu, cpus, levels, kaslrBoots },
      filters: flags.filter ?? [],
      nmi: flags.nmi ?? false,
      nodes: flags.nodes,
      machineChecks: flags.machineChecks ?? false,
      stubs: flags.stubs ?? false,
      silenceMs: flags.timeout,
      accelerator: flags.accel,
    });
    print(flags.json === true ? JSON.stringify(report, null, 2) : formatSelftest(report));
    return report.ok ? exitStatus.ok : exitStatus.failed;
  },
});
