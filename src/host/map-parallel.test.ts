// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapParallel } from "./map-parallel.js";

test.each([
  ["there are processors", undefined, Math.min(8, availableParallelism())],
  ["were asked for", 3, 3],
])("gives the results in order, with no more at a time than %s", async (_what, atATime, expected) => {
  let running = 0;
  let most = 0;
  const square = async (item: number): Promise<number> => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < item; turn++) await setImmediate();
    running--;
    return item * item;
  };
  const squares = await mapParallel([3, 1, 2, 5, 4, 6, 8, 7], square, atATime);
  expect(squares).toEqual([9, 1, 4, 25, 16, 36, 64, 49]);
  expect(most).toBe(expected);
});

test("fails with the first failure, when what had begun has ended, and begins no more", async () => {
  const begun: number[] = [];
  let ended = 0;
  const items = Array.from({ length: 100 }, (_, index) => index);
  const mapping = mapParallel(items, async (item) => {
    begun.push(item);
    await setImmediate();
    ended++;
    if (item === 1) throw new Error("planted");
  });
  await expect(mapping).rejects.toThrow("planted");
  expect(ended).toBe(begun.length);
  expect(begun.length).toBeLessThan(100);
});
