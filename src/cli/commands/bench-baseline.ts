// SPDX-License-Identifier: Apache-2.0
/** `ukl bench baseline`: whether anything takes more instructions than it did. */

import { checkBaseline, updateBaseline } from "../../bench/guard.js";
import { exitStatus, UklError } from "../../errors/ukl-error.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatBaseline } from "../format-baseline.js";

type Flags = { readonly reason?: string; readonly json?: boolean };

export const command = defineCommand<Flags>({
  description: `Counts every operation of "ukl bench micro" and a GET of Redis at every level, and compares with what is recorded in
test/bench-baseline.json. A change that is meant is recorded with --reason.

Exit status: 1 when something takes more instructions, or is not recorded. Counts that another compiler, emulator or kernel
version made cannot be compared: that is said, and is no failure.`,
  flags: {
    reason: {
      kind: "parsed",
      parse: parseReason,
      brief: "Record the counts instead, with the reason for their change",
      placeholder: "TEXT",
      optional: true,
    },
    json: jsonFlag,
  },
  run: async ({ ctx, flags, print }) => {
    if (flags.reason !== undefined) {
      const baseline = await updateBaseline(ctx, flags.reason);
      print(flags.json === true ? JSON.stringify(baseline, null, 2) : "The counts are recorded");
      return exitStatus.ok;
    }
    const comparison = await checkBaseline(ctx);
    print(flags.json === true ? JSON.stringify(comparison, null, 2) : formatBaseline(comparison));
    const { worse, unmatched } = comparison;
    return worse.length + unmatched.length === 0 ? exitStatus.ok : exitStatus.failed;
  },
});

function parseReason(text: string): string {
  const reason = text.trim();
  if (reason !== "") return reason;
  throw new UklError("USAGE_INVALID", "Cannot record counts without a reason", {
    hint: 'Say why they are others now: --reason "the entry checks …"',
  });
}
