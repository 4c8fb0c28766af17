// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { formatCurves } from "./format-curves.js";
import type { RequestLatencies } from "./latency.js";

const points = (...times: number[]) =>
  times.map((ns, nines) => ({ percentile: 100 - 100 / 10 ** nines, ns }));
const request: RequestLatencies = {
  ...{ request: "get", title: "GET <1>", intervalNs: 40000 },
  curves: [
    { variant: "linux", requestCount: 1000, points: points(10_000, 20_000, 40_000, 1_000_000) },
    { variant: "base & more", requestCount: 1000, points: points(9_000, 18_000, 36_000, 900_000) },
  ],
};

describe("formatCurves", () => {
  const svg = formatCurves(request);
  const curves = [...svg.matchAll(/<polyline class="curve (series\d)" points="([^"]+)"/g)].map(
    ([, series, places = ""]) => ({
      series,
      places: places.split(" ").map((place) => place.split(",").map(Number) as [number, number]),
    }),
  );

  test("draws a curve for each variant, each in a style of its own, with its name", () => {
    expect(curves.map(({ series }) => series)).toEqual(["series0", "series1"]);
    expect(svg).toContain(">linux<");
    expect(svg).toContain(">base &#38; more<");
    expect(svg).toContain('aria-label="GET &#60;1&#62;: latency by percentile"');
  });

  test("gives each nine the same width, and draws what takes longer higher", () => {
    const [linux, base] = curves.map(({ places }) => places);
    const steps = linux?.slice(1).map(([x], index) => x - (linux[index]?.[0] as number)) ?? [];
    for (const step of steps) expect(step).toBeCloseTo(steps[0] as number, 0);
    for (const [index, [, y]] of (linux ?? []).entries())
      expect(y).toBeLessThan(base?.[index]?.[1] as number);
  });

  test("names the percentiles that there are, and times with their units", () => {
    for (const tick of [">0%<", ">90%<", ">99.9%<", ">10 µs<", ">1 ms<"]) expect(svg).toContain(tick);
    expect(svg).not.toContain("99.99%");
  });

  test("says how long the times are, also when they are close together between two ticks", () => {
    const close = { variant: "linux", requestCount: 100, points: points(260, 300, 390) };
    expect(formatCurves({ ...request, curves: [close] })).toContain(">500 ns<");
  });

  test("stays within its drawing, also when all take the same time", () => {
    const flat = formatCurves({
      ...request,
      curves: [{ variant: "linux", requestCount: 1, points: points(5) }],
    });
    for (const text of [svg, flat]) {
      expect(text).not.toContain("NaN");
      for (const [, x, y] of text.matchAll(/([\d.-]+),([\d.-]+)(?=[ "])/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(400);
        expect(Number(y)).toBeGreaterThanOrEqual(0);
      }
    }
  });
});
