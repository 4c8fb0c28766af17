// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import {
  completeSelection,
  completeStubSelection,
  describeRun,
  planRuns,
  planWalks,
  type Selection,
} from "./plan-runs.js";
import { suiteLevels } from "./suite-level.js";

const never = () => false;
const always = () => true;

const small: Selection = {
  series: ["6.12"],
  configs: ["default"],
  cpuModels: ["max"],
  cpus: [2],
  levels: ["base"],
  kaslrBoots: 0,
};

test("random addresses want a level whose program is not bound to fixed ones", () => {
  expect(() => completeSelection({ levels: ["linked"], kaslrBoots: 2 }, "6.12")).toThrow(
    expect.objectContaining({ code: "USAGE_INVALID" }),
  );
  expect(completeSelection({ levels: ["linked"] }, "6.12").kaslrBoots).toBe(0);
});

test("the whole matrix of any series has boots with random addresses", () => {
  expect(completeSelection({ series: ["6.1"], configs: ["debug"] }, "6.12").kaslrBoots).toBe(5);
  expect(completeSelection({ series: ["6.1"], cpus: [4] }, "6.12").kaslrBoots).toBe(0);
});

describe("planRuns", () => {
  test("the whole matrix has every level on both models with 1, 2 and 4 CPUs, and five random addresses", () => {
    const runs = planRuns(completeSelection({}, "6.12"), never);
    const plain = runs.filter(({ boot }) => boot === "plain");
    expect(plain).toHaveLength(suiteLevels.length * 2 * 3);
    expect(new Set(plain.map((run) => JSON.stringify(run))).size).toBe(plain.length);
    expect(runs.filter(({ boot }) => boot === "kaslr")).toHaveLength(5);
    expect(runs).toHaveLength(plain.length + 5);
    expect(new Set(runs.map(({ series, config }) => `${series} ${config}`))).toEqual(
      new Set(["6.12 default"]),
    );
  });

  test("a selection narrows it, and leaves random addresses out unless asked for", () => {
    const selection = completeSelection({ levels: ["base"], cpus: [4], cpuModels: undefined }, "6.12");
    expect(planRuns(selection, never).map(describeRun)).toEqual([
      "6.12 at level base, 4 CPUs max",
      "6.12 at level base, 4 CPUs qemu64",
    ]);
  });

  test("several series and configurations multiply", () => {
    const runs = planRuns({ ...small, series: ["6.12", "6.1"], configs: ["default", "debug"] }, never);
    expect(runs.map(describeRun)).toEqual([
      "6.12 at level base, 2 CPUs max",
      "6.12 debug at level base, 2 CPUs max",
      "6.1 at level base, 2 CPUs max",
      "6.1 debug at level base, 2 CPUs max",
    ]);
  });

  test("a kernel with five levels of page tables runs once with four, on the model that has five", () => {
    const runs = planRuns({ ...small, cpuModels: ["max", "qemu64"], cpus: [1, 2] }, always);
    expect(runs.filter(({ boot }) => boot === "no5lvl").map(describeRun)).toEqual([
      "6.12 at level base, 2 CPUs max, no5lvl",
    ]);
    expect(planRuns({ ...small, cpuModels: ["qemu64"] }, always)).toHaveLength(1);
    expect(planRuns({ ...small, levels: ["linux"] }, always)).toHaveLength(1);
  });

  test("random addresses take models and CPUs in turn, at a level that does not mind", () => {
    const levels = ["linked", "compat"] as const;
    const selection = { ...small, levels, cpuModels: ["max", "qemu64"] as const, cpus: [1, 2, 4] };
    const runs = planRuns({ ...selection, kaslrBoots: 4 }, never).filter(({ boot }) => boot === "kaslr");
    expect(runs.map(describeRun)).toEqual([
      "6.12 at level compat, 1 CPU max, kaslr",
      "6.12 at level compat, 2 CPUs qemu64, kaslr",
      "6.12 at level compat, 4 CPUs max, kaslr",
      "6.12 at level compat, 1 CPU qemu64, kaslr",
    ]);
  });
});

describe("planWalks", () => {
  test("one for each level and model, on one CPU; stubs only where they are ours", () => {
    const selection: Selection = { ...small, levels: ["base", "linux"], cpus: [1, 4] };
    expect(planWalks(selection, ["memory-errors"]).map(describeRun)).toEqual([
      "6.12 at level base, 1 CPU max, memory-errors",
      "6.12 at level linux, 1 CPU max, memory-errors",
    ]);
    expect(planWalks(selection, ["stubs"]).map(describeRun)).toEqual([
      "6.12 at level base, 1 CPU max, stubs",
    ]);
  });

  test("through the stubs, one boot unless asked for more", () => {
    const runs = planWalks(completeStubSelection({}, "6.12"), ["stubs"]);
    expect(runs.map(describeRun)).toEqual(["6.12 at level base, 1 CPU max, stubs"]);
    for (const wrong of [{ levels: ["linux"] as const }, { cpus: [2] }, { kaslrBoots: 1 }])
      expect(() => completeStubSelection(wrong, "6.12")).toThrow(
        expect.objectContaining({ code: "USAGE_INVALID" }),
      );
  });
});
