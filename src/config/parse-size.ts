// SPDX-License-Identifier: Apache-2.0
/** Sizes as people write them. */

const units: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/**
 * Parses "64M", "512K", "1.5G" or a number of bytes; an optional "B" or "iB" changes nothing, all units are binary.
 *
 * @returns whole bytes, or undefined when the text is no size
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([KMG]?)(?:i?B)?$/i.exec(text.trim());
  const unit = units[match?.[2]?.toUpperCase() ?? "?"];
  if (match?.[1] === undefined || unit === undefined) return undefined;
  const sizeBytes = Number(match[1]) * unit;
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}
