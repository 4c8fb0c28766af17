// SPDX-License-Identifier: Apache-2.0
/** Measuring: whether counting works here, and whether anything takes more instructions than it did. */

import { describe, expect, test } from "vitest";
import { checkBaseline } from "../../src/bench/guard.js";
import { microSuite } from "../../src/bench/micro.js";
import { prepareMicro } from "../../src/bench/prepare-boot.js";
import { runBench } from "../../src/bench/run-bench.js";
import type { Suite } from "../../src/bench/suite.js";
import { formatBaseline } from "../../src/cli/format-baseline.js";
import { createContext } from "../../src/host/context.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

describe("ukl bench", () => {
  /** The known effect, once as it is and once as it is not. */
  const [effect] = microSuite.effects;
  if (effect === undefined) throw new Error("the suite has no known effect");
  const names = [effect.reference, effect.operation, "getppid"];
  const suite: Suite = {
    ...microSuite,
    references: [],
    operations: names.map((name) => ({ name, title: name })),
    effects: [effect, { ...effect, instructions: effect.instructions + 1 }],
    prepare: (ctx, variant) => prepareMicro(ctx, variant, names),
  };

  test("gives the same bytes twice, sees no difference where there is none and the one that there is", async () => {
    const report = await runBench(ctx, { suite, levels: ["base"], seedCount: 2 });
    expect(report.controls.map(({ passed, name }) => [passed, name])).toEqual([
      [true, "Same configuration"],
      [true, "Same seed, same bytes"],
      [true, "A/A: the baseline against itself"],
      [true, "Known effect: 100 instructions in null_call_and_nops"],
      [false, "Known effect: 101 instructions in null_call_and_nops"],
    ]);
    // A single control that fails, and there are no figures.
    expect(report).toMatchObject({ ok: false, rows: [], conclusion: [] });
  });
});

test("nothing takes more instructions than is recorded", async ({ skip, annotate }) => {
  const comparison = await checkBaseline(ctx);
  await annotate(formatBaseline(comparison));
  skip(comparison.obstacles.length > 0, formatBaseline(comparison));
  expect(comparison.worse).toEqual([]);
  expect(comparison.unmatched).toEqual([]);
  expect(comparison.compared).toBeGreaterThan(80);
});
