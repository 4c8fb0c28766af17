// SPDX-License-Identifier: Apache-2.0
import path from "node:path";
import { expect, test } from "vitest";
import {
  parseCount,
  parseCpus,
  parseDurationMs,
  parseInclude,
  parseMemoryMib,
  parseSecondsMs,
  parseSeed,
  parseSeedCount,
} from "./parse-flags.js";

const usage = expect.objectContaining({ code: "USAGE_INVALID" });

test.each([
  ["64M", 64],
  ["1G", 1_024],
  ["1.5GiB", 1_536],
  ["16M", 16],
  [String(16 * 2 ** 20 + 1), 17],
])("%s of memory are %i MiB", (text, memoryMib) => {
  expect(parseMemoryMib(text)).toBe(memoryMib);
});

test.each(["", "0", "-1", "1.5", "101", "five"])("%j is no number of seeds", (text) => {
  expect(() => parseSeedCount(text)).toThrow(usage);
});

test.each(["", "64", "15M", "-64M", "lots", "64Q"])("%j is no memory for a machine", (text) => {
  expect(() => parseMemoryMib(text)).toThrow(usage);
});

test.each([
  ["1", 1_000],
  ["0.5", 500],
  ["3600", 3_600_000],
])("%s seconds are %i ms", (text, durationMs) => {
  expect(parseSecondsMs(text)).toBe(durationMs);
});

test.each(["", " ", "0", "-1", "1s", "NaN", "Infinity"])("%j is no time to wait", (text) => {
  expect(() => parseSecondsMs(text)).toThrow(usage);
});

test.each([
  ["1", 1],
  ["64", 64],
])("%s CPUs are %i", (text, cpus) => {
  expect(parseCpus(text)).toBe(cpus);
});

test.each(["", "0", "65", "1.5", "two", "-1"])("%j is no number of CPUs", (text) => {
  expect(() => parseCpus(text)).toThrow(usage);
});

test.each([
  ["0", 0],
  ["20", 20],
])("%s times are %i", (text, count) => {
  expect(parseCount(text)).toBe(count);
});

test.each(["", " ", "-1", "1.5", "five"])("%j is no number of times", (text) => {
  expect(() => parseCount(text)).toThrow(usage);
});

test.each([
  ["/etc/kv.conf", "/etc/kv.conf", "/etc/kv.conf"],
  ["kv.conf:/etc//kv.conf", "/etc/kv.conf", path.resolve("kv.conf")],
  // The guest has a /tmp of its own, which is empty.
  ["/tmp/kv", "/opt/tmp/kv", "/tmp/kv"],
])("%s is included as %s", (text, guestPath, file) => {
  expect(parseInclude(text)).toEqual({ path: guestPath, file });
});

test.each(["", "kv.conf:etc", "kv:/a:/b", "kv.conf:/../etc", "kv.conf:/etc/kv:ro"])(
  "%j is nothing to include",
  (text) => {
    expect(() => parseInclude(text)).toThrow(usage);
  },
);

test.each([
  ["90", 90_000],
  ["1.5s", 1_500],
  ["5m", 300_000],
  ["1h", 3_600_000],
])("%s go on for %i ms", (text, durationMs) => {
  expect(parseDurationMs(text)).toBe(durationMs);
});

test.each(["", "0", "0m", "-5m", "5 m", "5d", "m"])("%j is no time to go on for", (text) => {
  expect(() => parseDurationMs(text)).toThrow(usage);
});

test.each([
  ["0", 0],
  ["2147483647", 2_147_483_647],
])("%s is a seed", (text, seed) => {
  expect(parseSeed(text)).toBe(seed);
});

test.each(["", " ", "-1", "1.5", "2147483648", "x"])("%j is no seed", (text) => {
  expect(() => parseSeed(text)).toThrow(usage);
});
