// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { findNearest } from "./find-nearest.js";

const recipes = ["echo", "hello", "redis"];

test.each([
  ["rediss", "redis"],
  ["redsi", "redis"],
  ["Redis", "redis"],
  ["ehco", "echo"],
  ["helo", "hello"],
])("%s means %s", (word, meant) => {
  expect(findNearest(word, recipes)).toBe(meant);
});

test.each(["nginx", "", "r", "memcached"])("%o is near to nothing", (word) => {
  expect(findNearest(word, recipes)).toBeUndefined();
});
