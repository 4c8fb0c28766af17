// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createRandom } from "../host/random.js";
import { bootstrapMedian } from "./bootstrap.js";

/** Twenty ratios around 1, with the wide tail that times have. */
function noisyRatios(seed: number): number[] {
  const random = createRandom(seed, "noise");
  const even = (): number => (random.integer(1_000_000) + 0.5) / 1_000_000;
  return Array.from({ length: 20 }, () => 1 + 0.02 * Math.tan(Math.PI * (even() - 0.5)));
}

describe("bootstrapMedian", () => {
  const values = noisyRatios(7);

  test("gives the same interval for the same values", () => {
    expect(bootstrapMedian(values, 0.95)).toEqual(bootstrapMedian([...values], 0.95));
  });

  test("is around the median, within the values, and wider when it has to be surer", () => {
    const usual = bootstrapMedian(values, 0.95);
    const sure = bootstrapMedian(values, 0.999);
    expect(usual.min).toBeLessThan(usual.median);
    expect(usual.max).toBeGreaterThan(usual.median);
    expect(sure.min).toBeLessThan(usual.min);
    expect(sure.max).toBeGreaterThan(usual.max);
    expect(sure.min).toBeGreaterThanOrEqual(Math.min(...values));
    expect(sure.max).toBeLessThanOrEqual(Math.max(...values));
  });

  test("of values that do not differ has no width", () => {
    expect(bootstrapMedian([2, 2, 2], 0.95)).toEqual({ median: 2, min: 2, max: 2 });
  });

  test("holds the true median as often as it says", () => {
    const samples = 100;
    const intervals = Array.from({ length: samples }, (_, seed) => bootstrapMedian(noisyRatios(seed), 0.95));
    const right = intervals.filter(({ min, max }) => min <= 1 && max >= 1).length;
    expect(right / samples).toBeGreaterThan(0.9);
    expect(right / samples).toBeLessThan(1);
  });
});
