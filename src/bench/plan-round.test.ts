// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { planRound } from "./plan-round.js";

describe.each([3, 4, 7])("the rounds of %d variants", (count) => {
  const rounds = Array.from({ length: 4 * count }, (_, round) => planRound(count, round));

  test("have each of them once", () => {
    for (const order of rounds)
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test("have each of them in each place equally often", () => {
    for (let place = 0; place < count; place++)
      for (let variant = 0; variant < count; variant++)
        expect(rounds.filter((order) => order[place] === variant)).toHaveLength(4);
  });

  test("have the baseline before each of the others as often as after it", () => {
    for (let variant = 1; variant < count; variant++) {
      const before = rounds.filter((order) => order.indexOf(0) < order.indexOf(variant)).length;
      expect(before).toBe(rounds.length / 2);
    }
  });
});
