// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { resolveConfiguration } from "./configuration.js";

const series = { fragments: ["base", "6.1"] };

test("begins with tinyconfig and the fragments of the series", () => {
  expect(resolveConfiguration(series, true, ["debug"])).toEqual({
    start: "tiny",
    fragments: ["base", "6.1", "ukl", "debug"],
  });
});

test("a stock kernel differs by our option alone", () => {
  expect(resolveConfiguration(series, false, ["debug"]).fragments).toEqual(["base", "6.1", "debug"]);
  expect(resolveConfiguration(series, false, ["debian"]).fragments).toEqual(["debian"]);
});

test("begins with the distribution's configuration, which has all that the series' fragments have", () => {
  expect(resolveConfiguration(series, true, ["debian", "debug"])).toEqual({
    start: "distribution",
    fragments: ["ukl", "debian", "debug"],
  });
});

test("the minimal kernel has none of the common fragments but those that are asked for", () => {
  expect(resolveConfiguration(series, true, ["net", "minimal"])).toEqual({
    start: "tiny",
    fragments: ["minimal", "6.1", "ukl", "net"],
  });
});
