// SPDX-License-Identifier: Apache-2.0
/** Sizes as people read them. */

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Formats a number of bytes with three significant digits: "512 B", "1.5 GiB". */
export function formatSize(sizeBytes: number): string {
  let size = sizeBytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : 1;
  return `${size.toFixed(digits)} ${units[unit]}`;
}
