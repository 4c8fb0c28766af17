// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { scenarios, selectScenarios } from "./scenarios.js";

test("selectScenarios takes all, or those that are named, in their own order", () => {
  expect(selectScenarios([])).toBe(scenarios);
  expect(selectScenarios(["power-cut", "memory"]).map(({ name }) => name)).toEqual(["memory", "power-cut"]);
});

test("selectScenarios knows what was meant", () => {
  expect(() => selectScenarios(["memory", "trinty"])).toThrow(
    expect.objectContaining({ code: "USAGE_INVALID", hint: 'Did you mean "trinity"?' }),
  );
});
