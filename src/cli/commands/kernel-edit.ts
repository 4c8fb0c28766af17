// SPDX-License-Identifier: Apache-2.0
/** `ukl kernel edit`: a git tree to work on the patches in. */

import { editSeries } from "../../kernel/edit-series.js";
import { listPatches } from "../../kernel/series.js";
import { sourceRef } from "../../kernel/series-tree.js";
import { defineCommand } from "../define-command.js";
import { resolveSeriesArguments, type SeriesArguments, seriesArguments } from "../series-arguments.js";

export const command = defineCommand<Record<never, never>, SeriesArguments>({
  description:
    "The tree has the distribution's source as one commit, the overlay as one, and every patch as one. Files that the source has not belong to kernel/overlay, in whichever commit they are.",
  flags: {},
  positional: seriesArguments("The new directory"),
  run: async ({ ctx, args, print }) => {
    const request = await resolveSeriesArguments(ctx, args);
    await editSeries(ctx, request);
    const { series, source, directory } = request;
    print(`${directory} has linux ${source.version}, the overlay and ${listPatches(series).length} patches.

Change files and commit, or change a commit:
    git rebase -i ${sourceRef}
Then write everything back to kernel/series and kernel/overlay:
    ukl kernel refresh ${series.version} ${directory}`);
  },
});
