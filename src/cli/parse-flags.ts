// SPDX-License-Identifier: Apache-2.0
/** Values of flags that several commands take. */

import path from "node:path";
import type { AppFile } from "../config/app.js";
import { guestPathOf } from "../config/guest-path.js";
import { parseSize } from "../config/parse-size.js";
import { parseStoragePlace } from "../config/parse-storage-place.js";
import { UklError } from "../errors/ukl-error.js";
import { maximumSeed } from "../host/random.js";

/** "64M" → 64. */
export function parseMemoryMib(text: string): number {
  const sizeBytes = parseSize(text);
  if (sizeBytes === undefined || sizeBytes < 16 * 2 ** 20)
    throw new UklError(
      "USAGE_INVALID",
      `Cannot give the machine "${text}" of memory: it is no size from 16M on`,
      {
        hint: "--memory 64M",
      },
    );
  return Math.ceil(sizeBytes / 2 ** 20);
}

/** Seconds, with or without a fraction → milliseconds. */
export function parseSecondsMs(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !Number.isFinite(seconds) || seconds <= 0)
    throw new UklError("USAGE_INVALID", `Cannot wait for "${text}": it is no number of seconds above 0`);
  return seconds * 1_000;
}

export function parseCpus(text: string): number {
  return parseWithin(text, [1, 64], `Cannot give the machine "${text}" CPUs`);
}

/** A number of times, which may be none. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (text.trim() === "" || !Number.isInteger(count) || count < 0)
    throw new UklError("USAGE_INVALID", `Cannot count to "${text}": it is no whole number from 0 on`);
  return count;
}

/** A number of seeds, which are layouts of the kernel; each takes a boot of every variant. */
export function parseSeedCount(text: string): number {
  return parseWithin(text, [1, 100], `Cannot use "${text}" seeds`);
}

/** A number of rounds, in each of which every variant boots once. */
export function parseRoundCount(text: string): number {
  return parseWithin(text, [2, 1000], `Cannot measure in "${text}" rounds`);
}

/** @param cannot what the message begins with */
function parseWithin(text: string, [least, most]: readonly [number, number], cannot: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most)
    throw new UklError("USAGE_INVALID", `${cannot}: it is no number from ${least} to ${most}`);
  return number;
}

/** "FILE[:PATH]"; without a path it is where it is here. */
export function parseInclude(text: string): AppFile {
  const place = parseStoragePlace(text);
  if (place === undefined || place.readOnly)
    throw new UklError("USAGE_INVALID", `Cannot include "${text}": it is not FILE:PATH`, {
      hint: "Say where in the guest it shall be: --include ./kv.conf:/etc/kv.conf",
    });
  const file = path.resolve(place.source);
  return { path: path.normalize(place.path ?? guestPathOf(file)), file };
}

/** "90", "90s", "5m", "1h" → milliseconds. */
export function parseDurationMs(text: string): number {
  const [, count, unit = "s"] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text) ?? [];
  const duration = Number(count) * unitsMs[(unit || "s") as keyof typeof unitsMs];
  if (!(duration > 0))
    throw new UklError("USAGE_INVALID", `Cannot go on for "${text}": it is no time above 0`, {
      hint: "Give it as 90s, 5m or 1h",
    });
  return duration;
}

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

export function parseSeed(text: string): number {
  const seed = Number(text);
  if (text.trim() === "" || !Number.isInteger(seed) || seed < 0 || seed > maximumSeed)
    throw new UklError(
      "USAGE_INVALID",
      `Cannot repeat a run from "${text}": a seed is a number from 0 to ${maximumSeed}`,
    );
  return seed;
}

/** A regular expression. */
export function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UklError("USAGE_INVALID", `Cannot look for "${text}": ${(error as Error).message}`);
  }
}
