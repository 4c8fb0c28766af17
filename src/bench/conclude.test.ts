// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { row, rows, spread } from "../../test/report-rows.js";
import { conclude, formatPercent } from "./conclude.js";
import { distribution, unmitigated } from "./variant.js";

const references = [unmitigated];
const runs = [1, 2, 3, 4, 5];

describe("conclude", () => {
  const [first, second, last] = conclude({ rows, references, evidence: "exact", runs });

  test("counts what can be claimed, gains and losses", () => {
    expect(first).toBe(
      "Of 4 operations, base executes fewer instructions than stock Linux in 2 (−5.0 % to −40 %, the most: null call), " +
        "more instructions than stock Linux in 1 (+5.5 %: thread), no difference that can be claimed in 1.",
    );
  });

  test("says where everybody can have the gain for nothing", () => {
    expect(second).toBe(
      "Stock Linux with mitigations=off gains as much as base or more in 1 of the 2 where base gains.",
    );
  });

  test("claims no time", () => {
    expect(last).toContain("They say nothing about time, throughput or latency");
  });

  test("says why nothing is claimed of one layout", () => {
    const [sentence] = conclude({ rows, references, evidence: "exact", runs: [1] });
    expect(sentence).toMatch(/^One layout of the kernel supports no claim, .*--seeds 5/);
  });

  test("says that there is no gain", () => {
    const [summary, comparison] = conclude({ rows: rows.slice(3), references, evidence: "exact", runs });
    expect(summary).toContain("fewer instructions than stock Linux in none");
    expect(comparison).toBe("There is no gain of base to compare with stock Linux with mitigations=off.");
  });
});

test.each([
  [-0.04, "0.0 %"],
  [0.04, "0.0 %"],
  [-0.06, "−0.1 %"],
  [12.3, "+12 %"],
])("%f percent is %j", (percent, text) => {
  expect(formatPercent(percent)).toBe(text);
});

test("conclude says what users have, and that no difference to it is a level's gain", () => {
  const cells = { debian: spread(1.3), base: spread(0.9) };
  const sentences = conclude({
    rows: [row("pipe", cells)],
    references: [distribution],
    evidence: "exact",
    runs,
  });
  expect(sentences.slice(1, -1)).toEqual([
    "What users have (debian) gains less than base in each of them.",
    "Of 1 operation, debian executes fewer instructions than stock Linux in none, more instructions than stock Linux in 1 (+30 %: pipe), " +
      "no difference that can be claimed in 0. Its kernel has another configuration, and the program may be built in another way: neither is a level's gain.",
  ]);
});

const configured = {
  baseline: "linux, tuned",
  rows: [row("null call", { "base, tuned": spread(0.85) }), row("pipe", { "base, tuned": spread(0.8) })],
};

test("conclude tells what a level is worth from what the configuration is", () => {
  const cells = { "mitigations=off": spread(0.99), "linux, tuned": spread(0.8), "base, tuned": spread(0.7) };
  const sentences = conclude({
    rows: [row("pipe", cells)],
    ...{ references: [unmitigated, { name: "linux, tuned" }], configured, evidence: "exact", runs },
  });
  expect(sentences.slice(0, -1)).toEqual([
    "Of 2 operations, base, tuned executes fewer instructions than linux, tuned in 2 (−15 % to −20 %, the most: pipe), " +
      "more instructions than linux, tuned in none, no difference that can be claimed in 0.",
  ]);
});

test("conclude says of what works on KVM what it supports", () => {
  const sentences = conclude({ rows, references, evidence: "kvm", runs });
  expect(sentences[0]).toMatch(
    /^Of 4 operations, base takes less time than stock Linux in 2 .*, more time than/,
  );
  expect(sentences.at(-1)).toContain("They say nothing about other machines");
});

test("conclude says of latencies on KVM what they support, beside the rest", () => {
  const latencies = [row("GET: p99", { "mitigations=off": spread(1), base: spread(0.8) })];
  const sentences = conclude({ rows, references, evidence: "kvm", runs, latencies });
  expect(sentences.at(-2)).toBe(
    "Of 1 percentile of latency, base takes less time than stock Linux in 1 (−20 %: GET: p99), " +
      "more time than stock Linux in none, no difference that can be claimed in 0.",
  );
});
