// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { bisect } from "./find-least-memory.js";

describe("bisect", () => {
  test.each([5, 6, 31, 32, 100, 255, 256])("finds %d", async (least) => {
    const tried: number[] = [];
    const found = await bisect(4, 256, async (value) => {
      tried.push(value);
      return value >= least;
    });
    expect(found).toBe(least);
    expect(tried.length).toBeLessThanOrEqual(8);
    expect(new Set(tried).size).toBe(tried.length);
  });

  test("tries neither end, of which the answers are known", async () => {
    const tried: number[] = [];
    await bisect(4, 6, async (value) => {
      tried.push(value);
      return true;
    });
    expect(tried).toEqual([5]);
  });

  test("passes on what is no answer", async () => {
    const broken = bisect(4, 256, async () => {
      throw new Error("QEMU is not there");
    });
    await expect(broken).rejects.toThrow("QEMU is not there");
  });
});
