// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { toBenchOptions } from "./run-bench-command.js";

describe("toBenchOptions", () => {
  test("counts when nothing else is said", () => {
    expect(toBenchOptions({ seeds: 3 })).toMatchObject({ seedCount: 3, accelerator: undefined });
  });

  test("measures in time, in rounds", () => {
    expect(toBenchOptions({ accel: "kvm", rounds: 40 })).toMatchObject({
      accelerator: "kvm",
      roundCount: 40,
    });
  });

  test.each([
    [{ accel: "kvm", seeds: 3 }, "Cannot use --seeds with --accel", "--rounds 20"],
    [{ rounds: 30 }, "Cannot use --rounds without --accel", "--accel kvm"],
  ] as const)("refuses %j, and says what to type", (flags, message, hint) => {
    expect(() => toBenchOptions(flags)).toThrow(
      expect.objectContaining({
        code: "USAGE_INVALID",
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });
});
