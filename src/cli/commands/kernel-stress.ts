// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel stress`: Redis in ring 0 beside attackers, hogs and power cuts. */

import { type Level, levels } from "../../config/level.js";
import { exitStatus } from "../../errors/ukl-error.js";
import { runStress } from "../../stress/run-stress.js";
import { scenarios } from "../../stress/scenarios.js";
import type { AcceleratorChoice } from "../../vm/find-accelerator.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatStress } from "../format-stress.js";
import { parseCpus, parseDurationMs, parseSeed } from "../parse-flags.js";

type Flags = {
  readonly seed?: number;
  readonly filter?: readonly string[];
  readonly duration?: number;
  readonly level?: Level;
  readonly series?: string;
  readonly cpus?: number;
  readonly accel?: AcceleratorChoice;
  readonly json?: boolean;
};

export const command = defineCommand<Flags>({
  description: `Redis answers a checker and a benchmark while something happens to its machine:

${scenarios.map(({ name, brief }) => `  ${name.padEnd(12)}${brief}`).join("\n")}

What is random comes from the seed, which is printed: with the same one the same is tried again. At level compat it is the
distribution's own redis-server that runs in ring 0; at level linux nothing does, for comparison.

Exit status: 1 when an answer was wrong, a write or an object was lost, the guest hung, or the kernel warned.`,
  flags: {
    seed: {
      kind: "parsed",
      parse: parseSeed,
      brief: "Repeat the run that printed it",
      placeholder: "N",
      optional: true,
    },
    filter: {
      kind: "parsed",
      parse: String,
      brief: "Only this scenario; may be repeated",
      placeholder: "SCENARIO",
      optional: true,
      variadic: true,
    },
    duration: {
      kind: "parsed",
      parse: parseDurationMs,
      brief: "How long trinity and stress-ng go on, as 90s, 5m or 1h; default: 2m",
      placeholder: "TIME",
      optional: true,
    },
    level: { kind: "enum", values: levels, brief: "How Redis runs; default: base", optional: true },
    series: {
      kind: "parsed",
      parse: String,
      brief: "The patch series, as 6.12",
      placeholder: "VERSION",
      optional: true,
    },
    cpus: {
      kind: "parsed",
      parse: parseCpus,
      brief: "The machine's CPUs; default: 2",
      placeholder: "N",
      optional: true,
    },
    accel: { kind: "enum", values: ["auto", "kvm", "tcg"], brief: "How to run the machines", optional: true },
    json: jsonFlag,
  },
  run: async ({ ctx, flags, print }) => {
    const { seed, filter: names = [], duration: durationMs, level, series, cpus, accel: accelerator } = flags;
    const request = { seed, scenarios: names, durationMs, level, series, cpus, accelerator };
    const report = await runStress(ctx, request);
    print(flags.json === true ? JSON.stringify(report, null, 2) : formatStress(report));
    return report.ok ? exitStatus.ok : exitStatus.failed;
  },
});
