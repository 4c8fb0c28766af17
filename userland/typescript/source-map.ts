// SPDX-License-Identifier: MIT
/** From places in the program that esbuild has put together to places in the TypeScript source. */

import { sourceMap } from "ukl:native";

/** The frames of a stack, with the places in the source; those of this run-time system that called the program are left out. */
export function mapStack(stack: string): string {
  const frames = stack.replaceAll(/\bprogram\.js:(\d+):(\d+)/g, (place, line, column) => {
    return findPlace(Number(line), Number(column)) ?? place;
  });
  return frames
    .trimEnd()
    .replace(/(?<=\n)( *at [^\n]* \(ukl:[^\n]*\)\n?)+$/, "")
    .trimEnd();
}

interface Segment {
  readonly column: number;
  /** "server.ts:3:7" */
  readonly place: string;
}

/** Of each line. Read at the first error: most programs have none. */
let lines: readonly (readonly Segment[])[] | undefined;

/** All count from 1. */
function findPlace(line: number, column: number): string | undefined {
  lines ??= parseMap(JSON.parse(sourceMap()) as RawMap);
  // The last one that begins there or before.
  return lines[line - 1]?.findLast((segment) => segment.column <= column)?.place ?? undefined;
}

interface RawMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** The format is ECMA-426's: differences to the one before, in base 64 with variable lengths. */
function parseMap({ sources, mappings }: RawMap): Segment[][] {
  let [source, line, column] = [0, 0, 0];
  return mappings.split(";").map((text) => {
    let generated = 0;
    return text
      .split(",")
      .filter((segment) => segment.length > 1)
      .map((segment) => {
        const [byGenerated = 0, bySource = 0, byLine = 0, byColumn = 0] = decodeNumbers(segment);
        generated += byGenerated;
        source += bySource;
        line += byLine;
        column += byColumn;
        return { column: generated + 1, place: `${sources[source]}:${line + 1}:${column + 1}` };
      });
  });
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function decodeNumbers(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = digits.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    // The lowest bit is the sign.
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
