// SPDX-License-Identifier: Apache-2.0
/** Durations as people read them. */

/**
 * Formats a duration: "0.3 s", "41 s", "3 min 05 s", "2 h 03 min".
 *
 * @param durationMs milliseconds, not negative
 */
export function formatDuration(durationMs: number): string {
  if (durationMs < 9_950) return `${(durationMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
