// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { fitLine } from "./fit-line.js";

test("the line through points on a line is that line", () => {
  const { start, slope } = fitLine([0, 1, 2, 8].map((x) => [x, 10_000 + 450 * x] as const));
  expect(start).toBeCloseTo(10_000);
  expect(slope).toBeCloseTo(450);
});

test("the distances above and below it are as large", () => {
  expect(
    fitLine([
      [0, 1],
      [1, 1],
      [2, 4],
    ]),
  ).toEqual({ start: 0.5, slope: 1.5 });
});

test("one point, or one above the other, is no line", () => {
  expect(() => fitLine([[1, 1]])).toThrow("no line");
  expect(() =>
    fitLine([
      [1, 1],
      [1, 2],
    ]),
  ).toThrow("no line");
});
