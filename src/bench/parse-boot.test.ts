// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { parseBoot } from "./parse-boot.js";

describe("parseBoot", () => {
  test("reads when the program got where", () => {
    const output =
      "[    0.1] Linux version 6.12\nbuilt by gcc 12.2.0, glibc 2.36\nboot main 231024254\nboot after_nops 231025259\n";
    const { builtBy, operations } = parseBoot(output, "boot at base");
    expect(builtBy).toBe("gcc 12.2.0, glibc 2.36");
    expect([...operations]).toEqual([
      ["main", 231_024_254],
      ["after_nops", 231_025_259],
    ]);
  });

  test.each([
    ["says nothing", "built by gcc 12.2.0, glibc 2.36\n"],
    ["was cut", "built by gcc 12.2.0, glibc 2.36\nboot main 2310[    0.2] reboot: Power down\n"],
    ["does not say who built it", "boot main 231024254\n"],
  ])("refuses a program that %s", (_what, output) => {
    expect(() => parseBoot(output, "boot at base")).toThrow(
      "Cannot read the counts of boot at base: there are none",
    );
  });
});
