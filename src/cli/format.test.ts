// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatSize } from "./format-size.js";
import { formatTable } from "./format-table.js";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_024, "1.0 KiB"],
  [150 * 1_024, "150 KiB"],
  [1_023 * 1_024, "1.0 MiB"],
  [1.6 * 1_024 ** 3, "1.6 GiB"],
])("%d bytes are %s", (sizeBytes, text) => {
  expect(formatSize(sizeBytes)).toBe(text);
});

test("columns are as wide as their widest cell, and lines end without spaces", () => {
  expect(formatTable(["A", "LONG", "C"], [["wide cell", "x", "1"], ["y"]])).toBe(
    "A          LONG  C\nwide cell  x     1\ny",
  );
});
