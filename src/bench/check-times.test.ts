// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { checkTimes, compareSame, compareTimes } from "./check-times.js";
import type { VariantTimes } from "./time-variants.js";
import { baseline as linux } from "./variant.js";

/** A variant whose operation took these times, round by round. */
function timed(times: readonly number[], counterNs = 1_000_000): VariantTimes {
  return {
    repeated: 1,
    boot: { variant: linux } as VariantTimes["boot"],
    runs: times.map((time) => ({
      ...{ builtBy: "", latencies: new Map(), operations: new Map([["getppid", time]]) },
      clock: { counterNs, kernelNs: 1_000_000, counterKhz: 2_300_000 },
    })),
  };
}

/** Twenty rounds around a time, up to so much above or below it, on either side equally often. */
const rounds = (time: number, noise: number, count = 20): number[] =>
  Array.from({ length: count }, (_, round) => time * (1 + (((round * 7) % 20) / 9.5 - 1) * noise));

const steady = rounds(100, 0);

function check(control: readonly number[], baseline = timed(steady.slice(0, control.length))) {
  const again = timed(control);
  const same = compareSame(baseline, again, ["getppid"]);
  return checkTimes([baseline, again], same, { variants: [], seeds: control.map((_, round) => round + 1) });
}

describe("the controls of times", () => {
  test("pass for a baseline that takes as long as itself, with noise", () => {
    const [, clock, same] = check(rounds(100, 0.05));
    expect(clock).toMatchObject({
      passed: true,
      detail: expect.stringMatching(/^2300.0 MHz;.* 40 boots, after 2 whose clock went wrong were repeated$/),
    });
    expect(same).toMatchObject({ passed: true, detail: expect.stringMatching(/hold 1, .* getppid 1\.00/) });
  });

  test("fail when the second boot of each round takes longer", () => {
    const [, , same] = check(rounds(103, 0.01));
    expect(same).toMatchObject({ passed: false, detail: expect.stringContaining("differs from itself") });
  });

  test("fail when the counter does not go as the kernel's clock", () => {
    const [, clock] = check(steady, timed(steady, 1_002_000));
    expect(clock).toMatchObject({
      passed: false,
      detail: "apart by more than 0.1 % in 20 of 40 boots, most by 0.20 %",
    });
  });

  test("do not judge a few rounds", () => {
    const [, , same] = check(rounds(103, 0.01, 3));
    expect(same?.detail).toBe("not judged, and no difference is claimed: 3 rounds are fewer than 20");
  });
});

describe("what may be claimed of times", () => {
  const narrow = { same: { median: 1, min: 0.995, max: 1.005 }, resolution: 0.003, claims: true };
  const claim = (ratio: number, noise: number, rules = narrow) =>
    compareTimes(rounds(100 * ratio, noise), steady, rules).claim;

  test("a difference that is more than the noise", () => {
    expect(claim(0.95, 0.02)).toBe("fewer");
    expect(claim(1.05, 0.02)).toBe("more");
  });

  test("none that is less than what the times are told apart by", () => {
    const exact = { same: { median: 1, min: 1, max: 1 }, resolution: 1 / 128, claims: true };
    expect(claim(1.007, 0, exact)).toBe("same");
    expect(claim(1.009, 0, exact)).toBe("more");
  });

  test("none whose interval holds 1", () => {
    expect(claim(0.98, 0.2)).toBe("same");
  });

  test("none that is less than the baseline differs from itself", () => {
    expect(claim(0.98, 0.001)).toBe("fewer");
    expect(claim(0.98, 0.001, { ...narrow, same: { median: 1, min: 0.985, max: 1.01 } })).toBe("same");
  });

  test("none at all under emulation or after a few rounds", () => {
    expect(claim(0.5, 0.001, { ...narrow, claims: false })).toBe("same");
  });
});

test("the more is compared, the wider is what has to hold 1", () => {
  const [one, other] = [timed(steady), timed(rounds(100, 0.05))];
  const width = (operations: readonly string[]) => {
    const { min, max } = compareSame(one, other, operations).get("getppid") as { min: number; max: number };
    return max - min;
  };
  expect(width(Array.from({ length: 30 }, () => "getppid"))).toBeGreaterThan(width(["getppid"]));
});
