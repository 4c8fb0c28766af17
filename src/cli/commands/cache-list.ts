// SPDX-License-Identifier: Apache-2.0
/** `ukl cache list`: what has been built and fetched. */

import { type CachedEntry, listCacheEntries } from "../../host/cache-entries.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatSize } from "../format-size.js";
import { formatTable } from "../format-table.js";

export const command = defineCommand<{ readonly json?: boolean }>({
  flags: { json: jsonFlag },
  run: async ({ ctx, flags, print }) => {
    const entries = await listCacheEntries(ctx);
    if (flags.json === true) return print(JSON.stringify({ cacheDir: ctx.cacheDir, entries }, null, 2));
    print(formatEntries(entries));
    const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    print(`\n${formatSize(total)} in ${ctx.cacheDir}`);
  },
});

/** One line for each entry, also for what `ukl cache prune` removed. */
export function formatEntries(entries: readonly CachedEntry[]): string {
  const rows = entries.map((entry) => [
    entry.kind,
    entry.name,
    formatSize(entry.sizeBytes),
    entry.lastUsedAt.slice(0, 16).replace("T", " "),
    entry.state === "complete" ? "" : entry.state,
  ]);
  return formatTable(["KIND", "NAME", "SIZE", "LAST USED (UTC)", "STATE"], rows);
}
