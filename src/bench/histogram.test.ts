// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { countOf, curveOf, mergeHistograms, parseHistogram, percentileOf } from "./histogram.js";

describe("parseHistogram", () => {
  test("reads values and how many there were of each", () => {
    expect([...(parseHistogram("255:3 511:1 40959:2") ?? [])]).toEqual([
      [255, 3],
      [511, 1],
      [40959, 2],
    ]);
  });

  test.each(["", "255", "255:", "255:3 x", "255:3  511:1", "255:3 511:-1", "255:3 [    3.1] reboot"])(
    'does not take "%s" for one',
    (text) => {
      expect(parseHistogram(text)).toBeUndefined();
    },
  );
});

/** 1 to 1000 nanoseconds, each once. */
const even = new Map(Array.from({ length: 1000 }, (_, index) => [index + 1, 1]));

describe("percentileOf", () => {
  test.each([
    [0, 1],
    [50, 500],
    [90, 900],
    [99, 990],
    [99.9, 999],
    [100, 1000],
  ])("%d %% of 1 to 1000 took no longer than %d", (percentile, ns) => {
    expect(percentileOf(even, percentile)).toBe(ns);
  });

  test("goes by how many there are, not by how many values", () => {
    const many = new Map([
      [10, 99],
      [5000, 1],
    ]);
    expect(percentileOf(many, 99)).toBe(10);
    expect(percentileOf(many, 99.1)).toBe(5000);
  });

  test("of nothing does not exist", () => {
    expect(() => percentileOf(new Map(), 50)).toThrow(RangeError);
  });
});

test("histograms of several rounds are one", () => {
  const merged = mergeHistograms([new Map([[20, 1]]), new Map([[10, 2]]), new Map([[20, 4]])]);
  expect([...merged]).toEqual([
    [10, 2],
    [20, 5],
  ]);
  expect(countOf(merged)).toBe(7);
});

describe("curveOf", () => {
  const curve = curveOf(even);

  test("begins with the shortest and ends with the longest time", () => {
    expect(curve[0]).toEqual({ percentile: 0, ns: 1 });
    expect(curve.at(-1)).toEqual({ percentile: 99.9, ns: 1000 });
  });

  test("never falls, and each nine has as many points", () => {
    for (const [index, point] of curve.entries())
      if (index > 0) expect(point.ns).toBeGreaterThanOrEqual(curve[index - 1]?.ns as number);
    const within = (low: number, high: number) =>
      curve.filter(({ percentile }) => percentile >= low && percentile < high - 1e-9).length;
    expect(within(0, 90)).toBe(within(90, 99));
  });
});
