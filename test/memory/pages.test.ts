// SPDX-License-Identifier: Apache-2.0
/**
 * What the kernel does to the pages of an application, on kernels with the configuration `memory`: not part of
 * `npm test`, because it builds two kernels more.
 */

import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { runSelftest } from "../../src/selftest/run-selftest.js";
import { costOf, measurePinning, type PinningCosts } from "../pinning/measure-pinning.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

test.each(["base", "linux"] as const)(
  "the selftests pass while the kernel moves, merges, swaps and watches their pages, at level %s",
  async (level) => {
    const selection = { configs: ["memory"], cpuModels: ["max"], cpus: [2], levels: [level] } as const;
    const { results } = await runSelftest(ctx, { selection, nodes: 2 });
    const [row] = results;
    expect(row?.tests.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(row).toMatchObject({ problems: [], findings: [] });
    // What the configuration is for must not be skipped.
    const skipped = row?.tests.filter(({ outcome }) => outcome === "skipped").map(({ name }) => name);
    expect(skipped?.filter((name) => /page|swap|numa|protection|direct|userfault/.test(name))).toEqual([]);
  },
);

describe("what pins pages, counted in instructions", () => {
  let stock: PinningCosts;
  let base: PinningCosts;
  let again: PinningCosts;

  beforeAll(async () => {
    stock = await measurePinning(ctx, "linux", ["memory"]);
    base = await measurePinning(ctx, "base", ["memory"]);
    again = await measurePinning(ctx, "base", ["memory"]);
  }, 3_600_000);

  test("is the same every time, to a hundredth", () => {
    const differing = [...base].filter(([name, cost]) => Math.abs(costOf(again, name) / cost - 1) > 0.01);
    expect(differing).toEqual([]);
  });

  test("costs at most a tenth more in ring 0", () => {
    const expensive = [...base].filter(([name, cost]) => cost >= 1.1 * costOf(stock, name));
    expect(expensive).toEqual([]);
    expect(base.size).toBe(14);
  });
});
