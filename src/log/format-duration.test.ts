// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatDuration } from "./format-duration.js";

test.each([
  [0, "0.0 s"],
  [340, "0.3 s"],
  [9_949, "9.9 s"],
  [9_960, "10 s"],
  [59_400, "59 s"],
  [59_600, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [7_380_000, "2 h 03 min"],
])("%i ms is %s", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
