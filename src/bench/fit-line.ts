// SPDX-License-Identifier: Apache-2.0
/** A straight line through points that are not quite on one. */

export interface Line {
  /** The value at 0. */
  readonly start: number;
  readonly slope: number;
}

/**
 * The line of least squares.
 *
 * @throws RangeError for points that make none: fewer than two, or all with the same x
 */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const variance = mean(([x]) => (x - meanX) ** 2);
  if (!(variance > 0)) throw new RangeError("these points make no line");
  const slope = mean(([x, y]) => (x - meanX) * (y - meanY)) / variance;
  return { start: meanY - slope * meanX, slope };
}
