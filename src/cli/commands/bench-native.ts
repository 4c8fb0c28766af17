// SPDX-License-Identifier: Apache-2.0
/** `ukl bench native`: what the transition between program and kernel takes on this machine. */

import { measureNative, type NativeReport } from "../../bench/native.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatTable } from "../format-table.js";

export const command = defineCommand<{ readonly json?: boolean }>({
  description: `Measures this machine itself, without a guest: a system call that does nothing, and how much of a GET of the distribution's
Redis goes with the transitions of its calls. For that Redis runs with 0, 1, 2, 4 and 8 more calls beside each of its own, and one
step back from none is what is left without them. That is what ring 0 alone can be worth here; what shortcuts save is not in it.
Times, so other work on the machine disturbs them.`,
  flags: { json: jsonFlag },
  run: async ({ ctx, flags, print }) => {
    const report = await measureNative(ctx);
    print(flags.json === true ? JSON.stringify(report, null, 2) : format(report));
  },
});

function format({ processor, redis, share, ...report }: NativeReport): string {
  const percent = (part: number): string => `${(part * 100).toFixed(1).replace("-", "−")} %`;
  const rows = [
    ["a system call that does nothing", `${report.nullCallNs.toFixed(1)} ns`],
    ["a function that does nothing", `${report.functionCallNs.toFixed(1)} ns`],
    [`a GET of Redis ${redis}, the server's processor time`, `${report.requestNs.toFixed(0)} ns`],
    ["of it with the transitions", `${percent(share.median)} [${percent(share.min)}, ${percent(share.max)}]`],
  ];
  return `${processor}: ${report.rounds} rounds (evidence: native)

${formatTable(["WHAT", "MEDIAN"], rows)}

In brackets: the middle half of the rounds.${share.min > 0 && share.max <= 2 * share.min ? "" : ` ${disagreement}`}`;
}

const disagreement = `The rounds differ much, as they do when the machine has other work: measure again.`;
