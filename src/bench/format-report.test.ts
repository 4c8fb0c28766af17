// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { row, rows, spread } from "../../test/report-rows.js";
import { conclude } from "./conclude.js";
import { formatReport, formatReports } from "./format-report.js";
import type { BenchReport } from "./report.js";
import { unmitigated } from "./variant.js";

const references = [unmitigated];
const runs = [1, 2, 3, 4, 5];

const configured = {
  baseline: "linux, tuned",
  rows: [row("null call", { "base, tuned": spread(0.85) }), row("pipe", { "base, tuned": spread(0.8) })],
};

const report: BenchReport = {
  ...{ suite: "micro", evidence: "exact", ok: true, unit: "instructions per operation", rows, durationMs: 1 },
  controls: [{ name: "A/A", passed: true, detail: "all ratios are 1" }],
  conclusion: conclude({ rows, references, evidence: "exact", runs }),
  configured,
  quantities: [
    {
      ...{ title: "least memory", unit: "MiB" },
      values: [
        { variant: "linux", value: 40 },
        { variant: "base", value: 30 },
        { variant: "base, minimal", value: null },
      ],
    },
  ],
  variants: [
    { name: "linux", meaning: "stock" },
    { name: "base", meaning: "ring 0 <&> calls" },
  ],
  environment: {
    ...{ qemu: "QEMU 7.2.22", qemuHash: "q1", machine: "pc", cpuModel: "max", seeds: [1, 2] },
    ...{ kernelVersion: "6.12.117", kernelCompiler: "gcc", programCompiler: "gcc, glibc" },
    variants: [
      {
        ...{ name: "base", kernelHash: "k1", configHash: "c1", programHash: "p1", initramfsHash: "i1" },
        ...{ kernelConfig: [], kernelArguments: ["pti=off"], packages: ["linux-image 6.12", "redis 7.0"] },
      },
    ],
  },
};

describe("formatReport", () => {
  const html = formatReport(report);

  test("needs nothing from elsewhere", () => {
    expect(html).not.toMatch(/<script|src=|href=|@import|url\(/);
  });

  test("has every figure with its range, its class of evidence, and all hashes", () => {
    expect(html).toContain("<b>−5.0 %</b> <small>0.950 [0.945, 0.955]</small>");
    expect(html).toContain("evidence: exact");
    for (const hash of ["q1", "k1", "c1", "p1", "i1", "packages linux-image 6.12 and redis 7.0"])
      expect(html).toContain(hash);
  });

  test("says on what it was measured, and what that machine has not, before any figure", () => {
    const [first = ""] = html.split("<h2>");
    expect(first).toContain("Linux 6.12.117 on QEMU 7.2.22, -M pc -cpu max, seeds 1 2.");
    expect(first).toContain("One processor, no disk, no network card");
  });

  test("compares the levels with stock Linux of the same configuration, too", () => {
    expect(html).toContain("relative to linux, tuned");
    expect(html).toMatch(/<th scope="col">linux, tuned<\/th><th scope="col">base, tuned<\/th>/);
  });

  test("marks what cannot be claimed", () => {
    expect(html).toMatch(/fork<\/th>.*<td class="same">950/);
    expect(html).toMatch(/pipe<\/th>.*<td class="fewer">950/);
  });

  test("escapes what others wrote", () => {
    expect(html).toContain("ring 0 &#60;&#38;&#62; calls");
    expect(html).not.toContain("<&>");
  });

  test("is made for phones, the dark and paper", () => {
    expect(html).toContain("width=device-width");
    expect(html).toContain("prefers-color-scheme: dark");
    expect(html).toContain("@media print");
  });

  test("draws one bar for each ratio, to its side", () => {
    const bars = [...html.matchAll(/<rect class="(\w+)" x="([\d.]+)"[^>]* width="([\d.]+)"/g)];
    expect(bars).toHaveLength(8);
    expect(bars[1]?.[1]).toBe("fewer");
    expect(Number(bars[1]?.[2]) + Number(bars[1]?.[3])).toBeCloseTo(255, 0);
    expect(bars[7]?.[1]).toBe("more");
    expect(bars[7]?.[2]).toBe("255.0");
  });

  test("has sizes and memory in a table of its own, with units", () => {
    expect(html).toMatch(
      /least memory, MiB<\/th><td>40<\/td><td>30 <small>−25 %<\/small><\/td><td>none<\/td>/,
    );
  });

  test("is markup in which every element is closed, and every heading of a table says for what", () => {
    expect(findUnclosed(html)).toEqual([]);
    expect(html).not.toMatch(/<th>/);
    expect(html).toMatch(/^<!doctype html>/);
    expect(html.match(/<title>[^<]+<\/title>/)).not.toBeNull();
    for (const id of ["What the figures say", "Controls", "Measured on"])
      expect(html).toContain(`<h2>${id}</h2>`);
    expect(html).toContain('<th scope="col">Operation, instructions per operation</th>');
  });

  test("has no figure when a control failed", () => {
    const failed = formatReport({
      ...report,
      ...{ ok: false, rows: [], quantities: [], conclusion: [] },
      controls: [{ name: "A/A", passed: false, detail: "it differs" }],
    });
    expect(failed).toContain("A control failed: there are no figures");
    expect(failed).not.toMatch(/<table|<svg/);
    expect(failed).toContain("<b>FAILED</b> A/A: it differs");
  });
});

describe("a report of times", () => {
  const points = [
    { percentile: 0, ns: 9_000 },
    { percentile: 99, ns: 40_000 },
  ];
  const times: BenchReport = {
    ...report,
    ...{ evidence: "emulated-wall", unit: "nanoseconds per request", configured: undefined, quantities: [] },
    conclusion: conclude({ rows, references, evidence: "emulated-wall", runs }),
    latency: {
      rows: [row("GET, 25,000/s: p99", { base: spread(1.1, 0.9, 1.3) })],
      requests: [
        {
          ...{ request: "get", title: "GET", intervalNs: 40_000 },
          curves: [{ variant: "linux", requestCount: 100, points }],
        },
      ],
    },
    environment: {
      ...report.environment,
      host: { accelerator: "tcg", processor: "Some CPU", processors: 8 },
    },
  };
  const html = formatReport(times);

  test("speaks of time, and nowhere of instructions", () => {
    expect(html).toContain("<h2>Time, relative to stock Linux</h2>");
    expect(html).toContain("Operation, nanoseconds per request");
    expect(html).toContain('<span class="badge">evidence: emulated-wall</span>');
    expect(html).not.toMatch(/instructions|icount|Counting/);
  });

  test("says on what was measured", () => {
    expect(html).toContain("-M pc -cpu max -smp 1 -accel tcg, 2 rounds on Some CPU (8 CPUs)");
  });

  test("has the latencies' rate, curves and percentiles", () => {
    expect(html).toContain("<h3>GET, 25,000/s</h3>");
    expect(html.match(/<polyline class="curve series\d"/g)).toHaveLength(1);
    expect(html).toMatch(/GET, 25,000\/s: p99<\/th>/);
  });

  test("claims nothing under emulation, and says why", () => {
    expect(times.conclusion).toEqual([
      expect.stringMatching(/^These are times of an emulator: no difference is claimed\..*15 %/),
    ]);
  });

  test("is markup in which every element is closed", () => {
    expect(findUnclosed(html)).toEqual([]);
  });
});

describe("formatReports", () => {
  const html = formatReports([report, { ...report, suite: "echo" }]);

  test("has one report after the other, and leads to each", () => {
    expect(html.match(/<h1 id="\w+">/g)).toEqual(['<h1 id="micro">', '<h1 id="echo">']);
    expect(html).toContain('<nav><a href="#micro">micro</a> · <a href="#echo">echo</a></nav>');
    expect(html).toContain("<title>Unikernel Linux: micro, echo</title>");
    expect(findUnclosed(html)).toEqual([]);
  });

  test("needs nothing from elsewhere", () => {
    expect(html).not.toMatch(/<script|src=|href="[^#]|@import|url\(/);
  });
});

/** The elements that end without having begun, or the other way round. */
function findUnclosed(html: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const markup = html.replace(/<!doctype html>|<!--.*?-->|<style>[^<]*<\/style>/g, "");
  for (const [, slash, name = "", rest = ""] of markup.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g)) {
    if (name === "meta" || rest.endsWith("/")) continue;
    if (slash === "") open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}
