// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { planRound } from "./plan-round.js";

describe.each([3, 4, 7])("the rounds of %d variants", (count) => {
  const rounds = Array.from({ length: 4 * count }, (_, round) => planRound(count, round));

  test("have each of them once", () => {
    for (const order of rounds)
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test("have no two always side by side, such as the baseline and its control", () => {
    const many = Array.from({ length: 400 }, (_, round) => planRound(count, round));
    const besideBaseline = (variant: number): number =>
      many.filter((order) => Math.abs(order.indexOf(0) - order.indexOf(variant)) === 1).length;
    const expected = (400 * 2) / count;
    for (let variant = 1; variant < count; variant++)
      expect(Math.abs(besideBaseline(variant) - expected)).toBeLessThan(expected / 4);
  });

  test("have the baseline before each of the others as often as after it", () => {
    for (let variant = 1; variant < count; variant++) {
      const before = rounds.filter((order) => order.indexOf(0) < order.indexOf(variant)).length;
      expect(before).toBe(rounds.length / 2);
    }
  });
});
