// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { parseCounts } from "./parse-counts.js";

const output = (...lines: string[]): string =>
  ["[    0.1] Linux version 6.12", "built by gcc 12.2.0, glibc 2.36", ...lines, ""].join("\n");

describe("parseCounts", () => {
  test("takes the median of all regions but the first", () => {
    const { operations, builtBy } = parseCounts(
      output("count getppid 500 900000 103000 103000 106000 103000", "count fork 8 1 16 24 32"),
      "micro",
    );
    expect([...operations]).toEqual([
      ["getppid", 206],
      ["fork", 3],
    ]);
    expect(builtBy).toBe("gcc 12.2.0, glibc 2.36");
  });

  test.each([
    ["has no regions", "count fork 8 1"],
    ["divides by nothing", "count fork 0 1 2 3"],
    ["was cut or mixed up", "count fork 8 1 2[    3.1] reboot: Power down"],
    ["has another sign", "count fork 8 1 2 -3"],
  ])("refuses a line that %s", (_what, line) => {
    expect(() => parseCounts(output(line), "micro at base")).toThrow(
      `Cannot read the counts of micro at base: "${line}" is damaged`,
    );
  });

  test("refuses an output without counts, or without their maker", () => {
    expect(() => parseCounts(output(), "micro")).toThrow("Cannot read the counts of micro: there are none");
    expect(() => parseCounts("count fork 8 1 2\n", "micro")).toThrow("there are none");
  });
});
