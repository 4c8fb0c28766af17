// SPDX-License-Identifier: Apache-2.0
/** `ukl cache prune`: lets go of what has not been used for long. */

import { numberParser } from "@stricli/core";
import { UklError } from "../../errors/ukl-error.js";
import { pruneCache } from "../../host/cache-entries.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatSize } from "../format-size.js";
import { formatEntries } from "./cache-list.js";

type Flags = {
  readonly all?: boolean;
  readonly days?: number;
  readonly kind?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

export const command = defineCommand<Flags>({
  description: "Removes entries that have not been used for 30 days. What is being built is left alone.",
  flags: {
    all: { kind: "boolean", brief: "However recently it was used", optional: true, withNegated: false },
    days: {
      kind: "parsed",
      parse: numberParser,
      brief: "Unused for so many days",
      optional: true,
      placeholder: "N",
    },
    kind: {
      kind: "parsed",
      parse: String,
      brief: "Only this kind, as kernel",
      optional: true,
      placeholder: "KIND",
    },
    dryRun: { kind: "boolean", brief: "Only say what would go", optional: true, withNegated: false },
    json: jsonFlag,
  },
  run: async ({ ctx, flags, print }) => {
    const removed = await pruneCache(ctx, {
      kind: flags.kind,
      unusedForMs: chooseDays(flags) * dayMs,
      dryRun: flags.dryRun === true,
    });
    if (flags.json === true) return print(JSON.stringify(removed, null, 2));
    const total = formatSize(removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    if (removed.length > 0) print(`${formatEntries(removed)}\n`);
    print(flags.dryRun === true ? `${total} would be freed` : `${total} freed`);
  },
});

const dayMs = 24 * 60 * 60 * 1_000;

function chooseDays({ all, days = 30 }: Flags): number {
  if (days < 0) throw new UklError("USAGE_INVALID", `Cannot prune: --days is ${days}, which is negative`);
  return all === true ? 0 : days;
}
