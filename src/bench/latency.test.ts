// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { collectLatencies, latencyOperations, planIntervals } from "./latency.js";
import { parseTimes } from "./parse-times.js";
import { suites } from "./suites.js";
import type { VariantTimes } from "./time-variants.js";
import { baseline } from "./variant.js";

const requests = [{ name: "get", title: "GET", alone: "get_p1_all" }];
const round = (buckets: string) =>
  parseTimes(
    `built by gcc\nlatency get 40000 ${buckets}\ncount get_p1_all 10 0 200000 210000\nclock 1 1 1\n`,
    "redis",
  );

test("the rate is half of what one request after the other comes to", () => {
  expect(planIntervals(requests, round("9983:1"))).toEqual({ get: 41000 });
});

test("each percentile is an operation, which says at which rate", () => {
  const operations = latencyOperations(requests, { get: 40000 });
  expect(operations.map(({ name }) => name)).toEqual([
    ...["get_latency_p50", "get_latency_p90", "get_latency_p99", "get_latency_p99.9"],
  ]);
  expect(operations[3]?.title).toBe("GET, 25,000/s: p99.9");
});

test("a percentile of which too few requests are beyond is left out", () => {
  const names = latencyOperations(requests, { get: 200_000 }).map(({ name }) => name);
  expect(names).toEqual(["get_latency_p50", "get_latency_p90", "get_latency_p99"]);
});

test("a variant's curve is that of all its rounds", () => {
  const boot = { variant: baseline } as VariantTimes["boot"];
  const [get] = collectLatencies(requests, [
    { boot, repeated: 0, runs: [round("9983:90"), round("20223:9 40959:1")] },
  ]);
  expect(get).toMatchObject({ request: "get", intervalNs: 40000 });
  expect(get?.curves[0]).toMatchObject({ variant: "linux", requestCount: 100 });
  expect(get?.curves[0]?.points.at(-1)).toEqual({ percentile: 99, ns: 40959 });
});

describe.each(suites.filter(({ recipe, name }) => recipe !== undefined || name === "echo"))(
  "the suite of $name",
  ({ operations, time }) => {
    test("finds each request's rate by an operation that it has", () => {
      expect(time?.requests.length).toBeGreaterThan(0);
      const names = operations.map(({ name }) => name);
      for (const { alone } of time?.requests ?? []) expect(names).toContain(alone);
    });
  },
);
