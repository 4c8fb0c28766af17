// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { claimOf, claimThreshold, median, middleHalf, ratioOf, spreadOf } from "./statistics.js";

describe("median", () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9], 9.5],
    [[7], 7],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("sorts by value, and leaves the values as they were", () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test("of nothing does not exist", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test("a spread is the median with the whole range", () => {
  expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
});

test.each([
  [[1, 2, 3, 4, 5, 6, 7, 1000], { median: 4.5, min: 2.5, max: 6.5 }],
  [[-1000, 3, 4, 2, 1], { median: 2, min: 1, max: 3 }],
  [[1, 2], { median: 1.5, min: 1, max: 2 }],
  [[7], { median: 7, min: 7, max: 7 }],
])("the middle half of %j", (values, expected) => {
  expect(middleHalf(values)).toEqual(expected);
});

describe("ratioOf", () => {
  test("divides seed by seed, not median by median", () => {
    // The medians' ratio is 1.
    expect(ratioOf([110, 200, 300], [100, 200, 600])).toEqual({ median: 1, min: 0.5, max: 1.1 });
    expect(ratioOf([150, 200, 250], [100, 100, 200])).toEqual({ median: 1.5, min: 1.25, max: 2 });
  });

  test("refuses series that do not belong together", () => {
    expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
  });
});

describe("what may be claimed", () => {
  test("nothing up to 0.3 %", () => {
    expect(claimOf({ median: 1.003, min: 1.003, max: 1.003 })).toBe("same");
    expect(claimOf({ median: 0.9971, min: 0.9971, max: 0.9971 })).toBe("same");
    expect(claimOf({ median: 1.0031, min: 1.0031, max: 1.0031 })).toBe("more");
    expect(claimOf({ median: 0.9969, min: 0.9969, max: 0.9969 })).toBe("fewer");
  });

  test("nothing up to twice the range", () => {
    expect(claimThreshold({ median: 0.95, min: 0.93, max: 0.96 })).toBeCloseTo(0.06);
    expect(claimOf({ median: 0.95, min: 0.93, max: 0.96 })).toBe("same");
    expect(claimOf({ median: 0.93, min: 0.92, max: 0.95 })).toBe("fewer");
  });
});
