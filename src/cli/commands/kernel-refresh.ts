// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel refresh`: an edited tree back into the series and the overlay. */

import { refreshSeries } from "../../kernel/refresh-series.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { resolveSeriesArguments, type SeriesArguments, seriesArguments } from "../series-arguments.js";

export const command = defineCommand<{ readonly json?: boolean }, SeriesArguments>({
  description:
    "Writes nothing unless the patches apply strictly to the distribution's source and give the tree that is there. Prints the files that have changed.",
  flags: { json: jsonFlag },
  positional: seriesArguments('What "ukl kernel edit" made'),
  run: async ({ ctx, flags, args, print }) => {
    const { written, removed } = await refreshSeries(ctx, await resolveSeriesArguments(ctx, args));
    if (flags.json === true) return print(JSON.stringify({ written, removed }, null, 2));
    for (const name of written) print(`written  ${name}`);
    for (const name of removed) print(`removed  ${name}`);
    if (written.length + removed.length === 0) ctx.log.info("Nothing has changed");
  },
});
