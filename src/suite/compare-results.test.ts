// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compareItem, type ItemResults, isDifference, type Verdict, verdicts } from "./compare-results.js";
import { type Outcome, wholeItem } from "./suite.js";

const [passed, failed, skipped]: readonly Outcome[] = ["passed", "failed", "skipped"];

/** One test, once or several times on each side. */
function verdictOf(
  process: readonly (Outcome | undefined)[],
  ring0: readonly (Outcome | undefined)[],
): Verdict | undefined {
  const runs = (outcomes: readonly (Outcome | undefined)[]): ItemResults[] =>
    outcomes.map((outcome) => (outcome === undefined ? [] : [{ name: "a", outcome }]));
  return compareItem("item", runs(process), runs(ring0))[0]?.verdict;
}

describe("compareItem", () => {
  test.each<[Verdict, readonly (Outcome | undefined)[], readonly (Outcome | undefined)[]]>([
    ["passed", [passed], [passed]],
    ["skipped", [skipped], [skipped]],
    ["failed-in-both", [failed, failed], [failed, failed]],
    ["only-in-ring-0", [passed, passed], [failed, failed]],
    ["only-as-a-process", [failed], [passed]],
    ["unstable", [passed, passed], [failed, passed]],
    ["unstable", [failed, passed], [failed, failed]],
  ])("says %s of %j as a process and %j in ring 0", (verdict, process, ring0) => {
    expect(verdictOf(process, ring0)).toBe(verdict);
  });

  test("takes a test that did not get its turn for one that failed", () => {
    expect(verdictOf([passed], [undefined])).toBe("only-in-ring-0");
  });

  test("but not the result that is there only when an item fails", () => {
    const lost: ItemResults = [{ name: wholeItem, outcome: "failed", detail: "the guest hung" }];
    expect(compareItem("item", [[]], [lost])).toEqual([
      {
        ...{ item: "item", name: wholeItem, verdict: "only-in-ring-0" },
        ...{ process: ["passed"], ring0: ["failed"], detail: "the guest hung" },
      },
    ]);
  });

  test.each<[Verdict, readonly Outcome[], readonly Outcome[]]>([
    ["timed-out", ["timed-out"], ["timed-out"]],
    ["only-in-ring-0", ["passed", "passed"], ["timed-out", "timed-out"]],
    ["unstable", ["passed", "timed-out"], ["timed-out", "timed-out"]],
    ["only-as-a-process", ["timed-out"], ["passed"]],
    ["failed-in-both", ["timed-out"], ["failed"]],
  ])("says %s of an item that ended so as a process, %j, and so in ring 0, %j", (verdict, process, ring0) => {
    const runs = (outcomes: readonly Outcome[]): ItemResults[] =>
      outcomes.map((outcome) => (outcome === "passed" ? [] : [{ name: wholeItem, outcome }]));
    expect(compareItem("item", runs(process), runs(ring0))[0]?.verdict).toBe(verdict);
  });

  test("does not blame a test for the time of those before it", () => {
    const complete: ItemResults = [
      { name: "a", outcome: "passed" },
      { name: "b", outcome: "passed" },
    ];
    const cut: ItemResults = [
      { name: "a", outcome: "failed" },
      { name: wholeItem, outcome: "timed-out" },
    ];
    const verdicts = compareItem("item", [complete], [cut]).map(({ name, verdict }) => [name, verdict]);
    expect(verdicts).toEqual([
      ["a", "only-in-ring-0"],
      ["b", "timed-out"],
      [wholeItem, "only-in-ring-0"],
    ]);
  });

  test("shows what was said in ring 0 before what was said elsewhere", () => {
    const say = (detail: string): ItemResults => [{ name: "a", outcome: "failed", detail }];
    expect(compareItem("item", [say("there")], [say("here")])[0]?.detail).toBe("here");
  });
});

test("isDifference asks for another run where the sides differ, or one differs from itself", () => {
  const differing = verdicts.filter((verdict) =>
    isDifference({ item: "i", name: "a", verdict, process: [], ring0: [] }),
  );
  expect(differing).toEqual(["only-in-ring-0", "only-as-a-process", "unstable"]);
});
