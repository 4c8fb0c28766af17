// SPDX-License-Identifier: Apache-2.0
/** The two arguments of the commands that work on a patch series: which one, and where. */

import path from "node:path";
import type { TypedPositionalParameters } from "@stricli/core";
import type { Context } from "../host/context.js";
import type { EditRequest } from "../kernel/edit-series.js";
import { prepareKernelSource } from "../kernel/prepare-source.js";
import { loadSeries } from "../kernel/series.js";
import type { CliContext } from "./define-command.js";

export type SeriesArguments = [series: string, directory: string];

export function seriesArguments(directory: string): TypedPositionalParameters<SeriesArguments, CliContext> {
  return {
    kind: "tuple",
    parameters: [
      { brief: "The patch series, as 6.12", parse: String, placeholder: "SERIES" },
      { brief: directory, parse: String, placeholder: "DIR" },
    ],
  };
}

export async function resolveSeriesArguments(
  ctx: Context,
  [version, directory]: SeriesArguments,
): Promise<EditRequest> {
  const series = await loadSeries(version);
  const source = await prepareKernelSource(ctx, series, false);
  return { series, source, directory: path.resolve(directory) };
}
