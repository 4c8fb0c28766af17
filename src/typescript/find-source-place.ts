// SPDX-License-Identifier: Apache-2.0
/** Where something of the bundle comes from. */

import { SourceMap } from "node:module";

/**
 * @param sourceMap as JSON
 * @param place "program.js:12:5", which count from 1
 * @returns "server.ts:3:7"; undefined when it comes from nowhere
 */
export function findSourcePlace(sourceMap: string, place: string): string | undefined {
  const [, line, column] = /:(\d+):(\d+)/.exec(place) ?? [];
  if (line === undefined || column === undefined) return undefined;
  const map = new SourceMap({ version: 3, file: "", sourceRoot: "", names: [], ...JSON.parse(sourceMap) });
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
  if (!("originalSource" in entry) || entry.originalSource === undefined) return undefined;
  return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
