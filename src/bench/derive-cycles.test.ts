// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { packagePath } from "../host/package-path.js";
import { deriveDifference, otherInstructions } from "./derive-cycles.js";
import { derivedTitle, formatDerived, listDerived } from "./format-derived.js";
import { instructionCosts, otherInstructionCost } from "./instruction-costs.js";
import type { ServerProfile } from "./server-profile.js";

const profile = (
  variant: string,
  instructions: number,
  events: Readonly<Record<string, number>>,
): ServerProfile => ({
  ...{ variant, requests: 10, functions: [], calls: [] },
  areas: new Map([
    ["application", 100],
    ["entry and exit", instructions - 100],
  ]),
  events: new Map(Object.entries(events)),
});

const linux = profile("linux", 1000, { SYSCALL: 3, LOCK: 16, IRETQ: 1 });
const bypass = profile("bypass", 697, { SYSCALL: 0, LOCK: 17, IRETQ: 3 });

describe("the estimate of a difference", () => {
  const { terms, sum, ...rest } = deriveDifference(linux, bypass);
  const termOf = (name: string) => terms.find((term) => term.name === name);

  test("has a term for each kind of instruction, and one for all others", () => {
    expect(rest).toEqual({ evidence: "derived", variant: "bypass", reference: "linux" });
    expect(terms.map(({ name, difference }) => [name, difference])).toEqual([
      ["SYSCALL", -3],
      ["LOCK", 1],
      ["IRETQ", 2],
      // 980 and 677.
      [otherInstructions, -303],
    ]);
  });

  test("is the count times the cost, the least first", () => {
    expect(termOf("SYSCALL")?.cycles).toEqual({ low: -246, mid: -175.5, high: -105 });
    expect(termOf("LOCK")?.cycles).toEqual({ low: 7.5, mid: 18, high: 29 });
  });

  test("leaves out what nobody has published a cost of", () => {
    expect(termOf("IRETQ")).toMatchObject({ cost: undefined, cycles: undefined });
  });

  test("adds up all the least, and all the greatest", () => {
    const others = termOf(otherInstructions)?.cycles;
    expect(sum.low).toBeCloseTo(-246 + 7.5 + (others?.low ?? 0));
    expect(sum.mid).toBeCloseTo(-175.5 + 18 + (others?.mid ?? 0));
    expect(sum.high).toBeCloseTo(-105 + 29 + (others?.high ?? 0));
    expect(others?.low).toBeLessThan(others?.high ?? Number.NaN);
  });

  test("is nothing where nothing differs", () => {
    const same = deriveDifference(linux, { ...linux, variant: "base" });
    expect(listDerived(same).at(-1)).toEqual(["together", "", "", "0, 0, 0"]);
  });

  test("is printed term by term, with its sign", () => {
    const rows = listDerived(deriveDifference(linux, bypass));
    expect(rows[0]).toEqual(["SYSCALL", "−3.0", "35, 58.5, 82", "−246, −176, −105"]);
    expect(rows[1]).toEqual(["LOCK", "+1.0", "7.5, 18, 29", "+8, +18, +29"]);
    expect(rows[2]).toEqual(["IRETQ", "+2.0", "unknown", "left out"]);
    expect(rows).toHaveLength(5);
  });

  test("is called one on the page, with where each cost is from", () => {
    const html = formatDerived([deriveDifference(linux, bypass)]);
    expect(html).toContain(`<h2>${derivedTitle("linux")}</h2>`);
    expect(html).toContain("evidence: derived");
    expect(html).toMatch(/wrong by up to 45 %. It supports no headline/);
    expect(html).toContain("<dt>SYSCALL</dt><dd>low: half of the 70 cycles");
    expect(html).toContain("<dt>IRETQ</dt><dd>no figure was found: left out of the sum</dd>");
    expect(formatDerived([])).toBe("");
  });
});

describe("a cost", () => {
  const costs = Object.entries({ ...instructionCosts, other: otherInstructionCost });

  test.each(costs)("of %s grows from low to high, and names the source of each figure", (_name, cost) => {
    expect(cost.low).toBeGreaterThan(0);
    expect(cost.mid).toBeGreaterThan(cost.low);
    expect(cost.high).toBeGreaterThan(cost.mid);
    for (const figure of ["low", "mid", "high"]) expect(cost.source).toContain(`${figure}: `);
  });

  test("is of an event that the emulator's plugin counts", () => {
    const plugin = readFileSync(packagePath("userland", "plugin", "events.c"), "utf8");
    const counted = [...plugin.matchAll(/\] = "([\w-]+)"/g)].map(([, name]) => name);
    for (const name of Object.keys(instructionCosts)) expect(counted).toContain(name);
  });
});
