// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { parseSize } from "./parse-size.js";

test.each([
  ["4096", 4096],
  ["64M", 64 * 2 ** 20],
  ["64MiB", 64 * 2 ** 20],
  ["512k", 512 * 2 ** 10],
  ["1.5 G", 1.5 * 2 ** 30],
])("%s is %d bytes", (text, sizeBytes) => {
  expect(parseSize(text)).toBe(sizeBytes);
});

test.each(["", "M", "64 megabytes", "-1", "1.5", "1e3", "64T", "9999999G9"])("%o is no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});
