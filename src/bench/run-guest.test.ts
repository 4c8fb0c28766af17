// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { checkConsole } from "./run-guest.js";

describe("checkConsole", () => {
  const end = "init: /bin/bench ended with status 0\n[    3.6] reboot: Power down\n";

  test("accepts a program that succeeded", () => {
    expect(() => checkConsole("micro", `count fork 8 1 2\n${end}`)).not.toThrow();
  });

  test.each([
    [
      "the kernel warned",
      `[    1.2] WARNING: CPU: 0 PID: 1 at kernel/fork.c:1\n${end}`,
      "the kernel said: WARNING",
    ],
    ["the program failed", "bench: fork: no\ninit: /bin/bench ended with status 1\n", "bench: fork: no"],
    ["it was killed", "init: /bin/bench was ended by signal 11 (Segmentation fault)\n", "signal 11"],
    ["it did not end", "count fork 8 1 2\n", "the program failed"],
  ])("refuses when %s", (_what, text, message) => {
    expect(() => checkConsole("micro", text)).toThrow(message);
  });
});
