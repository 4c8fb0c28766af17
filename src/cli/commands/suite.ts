// SPDX-License-Identifier: Apache-2.0
/** `ukl suite`: test suites that others wrote, as a process and in ring 0. */

import path from "node:path";
import { findNearest } from "../../errors/find-nearest.js";
import { exitStatus, UklError } from "../../errors/ukl-error.js";
import { type Ring0Level, ring0Levels, runSuite, type SuiteReport } from "../../suite/run-suite.js";
import type { ForeignSuite } from "../../suite/suite.js";
import { foreignSuites } from "../../suite/suites.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatSuites } from "../format-suite.js";
import { parseCount, parseDurationMs, parsePattern } from "../parse-flags.js";

type Flags = {
  readonly filter?: RegExp;
  readonly level?: Ring0Level;
  readonly kernel?: string;
  readonly retries?: number;
  readonly timeout?: number;
  readonly machines?: number;
  readonly results?: string;
  readonly json?: boolean;
};

export const command = defineCommand<Flags, string[]>({
  description: `The same program runs the same tests twice in the same machine, as a process of the stock kernel and in ring 0:

${foreignSuites.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join("\n")}

What differs is run again on both sides: what fails in ring 0 each time, and never as a process, failed only in ring 0.
Every file of tests has a time limit. Whole suites take from minutes to hours under emulation; with --results, a run that
was interrupted goes on where it stopped.

Exit status: 1 when a test failed only in ring 0, or the kernel warned there.`,
  flags: {
    filter: {
      kind: "parsed",
      parse: parsePattern,
      brief: "Only the files of tests whose names match this regular expression",
      placeholder: "PATTERN",
      optional: true,
    },
    level: {
      kind: "enum",
      values: ring0Levels,
      brief: "How it runs in ring 0; default: base",
      optional: true,
    },
    kernel: {
      kind: "parsed",
      parse: String,
      brief: "The kernel series",
      placeholder: "6.12",
      optional: true,
    },
    retries: {
      kind: "parsed",
      parse: parseCount,
      brief: "How often to run again what differs; default: 2",
      placeholder: "N",
      optional: true,
    },
    timeout: {
      kind: "parsed",
      parse: parseDurationMs,
      brief: "How long a file of tests may take at most",
      placeholder: "TIME",
      optional: true,
    },
    machines: {
      kind: "parsed",
      parse: parseMachines,
      brief: "How many machines run at a time; default: 1",
      placeholder: "N",
      optional: true,
    },
    results: {
      kind: "parsed",
      parse: path.resolve,
      brief: "Keep the results of every boot in this file, and go on from what it has",
      placeholder: "FILE",
      optional: true,
    },
    json: jsonFlag,
  },
  positional: {
    kind: "array",
    minimum: 1,
    parameter: { brief: "Which", parse: String, placeholder: "SUITE" },
  },
  run: async ({ ctx, flags, args, print }) => {
    const { kernel: series, timeout: timeoutMs, results: resultFile, json, ...options } = flags;
    const reports: SuiteReport[] = [];
    for (const suite of args.map(findSuite))
      reports.push(await runSuite(ctx, { suite, series, timeoutMs, resultFile, ...options }));
    print(json === true ? JSON.stringify(reports, null, 2) : formatSuites(reports));
    return reports.every(({ ok }) => ok) ? exitStatus.ok : exitStatus.failed;
  },
});

function parseMachines(text: string): number {
  const count = parseCount(text);
  if (count > 0) return count;
  throw new UklError("USAGE_INVALID", `Cannot run "${text}" machines at a time: there has to be one`);
}

function findSuite(name: string): ForeignSuite {
  const suite = foreignSuites.find((suite) => suite.name === name);
  if (suite !== undefined) return suite;
  const names = foreignSuites.map(({ name }) => name);
  const nearest = findNearest(name, names);
  throw new UklError("USAGE_INVALID", `Cannot find the suite "${name}": there is none of that name`, {
    hint: nearest === undefined ? `The suites are: ${names.join(", ")}` : `Did you mean "${nearest}"?`,
  });
}
