// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { parseTimes } from "./parse-times.js";

const lines = [
  "built by gcc 12.2.0, glibc 2.36",
  "latency get 40000 9983:500 10111:400 20223:90 40959:10",
  "count get_p1 24 900000 240000 264000 240000",
  "clock 5000000100 5000000000 2299999",
];
const output = (...replaced: string[]) =>
  ["[    0.1] Linux version 6.12", ...(replaced.length === 0 ? lines : replaced), ""].join("\n");

describe("parseTimes", () => {
  const times = parseTimes(output(), "redis");

  test("reads the clock and the nanoseconds of each operation", () => {
    expect(times.clock).toEqual({ counterNs: 5000000100, kernelNs: 5000000000, counterKhz: 2299999 });
    expect(times.operations.get("get_p1")).toBe(10000);
    expect(times.builtBy).toBe("gcc 12.2.0, glibc 2.36");
  });

  test("has percentiles of each latency among the operations", () => {
    expect(times.latencies.get("get")?.intervalNs).toBe(40000);
    expect([...times.operations].filter(([name]) => name.includes("latency"))).toEqual([
      ["get_latency_p50", 9983],
      ["get_latency_p90", 10111],
      ["get_latency_p99", 20223],
      ["get_latency_p99.9", 40959],
    ]);
  });

  test("refuses a program without a clock: what it printed are no nanoseconds", () => {
    expect(() => parseTimes(output(...lines.slice(0, 3)), "redis at base")).toThrow(
      "Cannot read the times of redis at base: the program does not say how fast its clock was",
    );
  });

  test.each([
    "latency get 40000",
    "latency get 40000 12:",
    "latency get x 12:1",
    "latency get 1 12:1 [  3.1] reboot",
  ])('refuses "%s"', (line) => {
    expect(() => parseTimes(output(...lines, line), "redis")).toThrow(`"${line}" is damaged`);
  });
});
