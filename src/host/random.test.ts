// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createRandom } from "./random.js";

const draw = (seed: number, purpose: string): number[] => {
  const random = createRandom(seed, purpose);
  return Array.from({ length: 20 }, () => random.integer(1_000_000));
};

describe("createRandom", () => {
  test("repeats itself, and differs by seed and by purpose", () => {
    expect(draw(7, "trinity")).toEqual(draw(7, "trinity"));
    expect(draw(7, "trinity")).not.toEqual(draw(8, "trinity"));
    expect(draw(7, "trinity")).not.toEqual(draw(7, "power-cut"));
  });

  test("reaches every number below the limit about equally often, and no other", () => {
    const random = createRandom(1, "dice");
    const counts = new Map<number, number>();
    for (let i = 0; i < 6_000; i++) {
      const face = random.integer(6);
      counts.set(face, (counts.get(face) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  test("samples without repetition", () => {
    const random = createRandom(3, "sample");
    const items = ["a", "b", "c", "d", "e"];
    expect(new Set(random.sample(items, 3)).size).toBe(3);
    expect(random.sample(items, 9).sort()).toEqual(items);
    expect(items).toHaveLength(5);
  });

  test("makes text of the wanted length", () => {
    expect(createRandom(5, "text").text(100)).toMatch(/^[A-Za-z0-9]{100}$/);
    expect(createRandom(5, "text").text(0)).toBe("");
  });
});
