// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { parseDeb822 } from "./parse-deb822.js";

test("separates stanzas, joins continued lines, ignores comments and case", () => {
  expect(parseDeb822("\nPackage: a\nVERSION: 1:2\n# no\n\n\nFiles:\n one\n two\n \n")).toEqual([
    { package: "a", version: "1:2" },
    { files: "one\ntwo" },
  ]);
});

test("a value may have colons, and a field may be empty", () => {
  expect(parseDeb822("URIs: http://m.example:80/\nEmpty:")).toEqual([
    { uris: "http://m.example:80/", empty: "" },
  ]);
});
