// SPDX-License-Identifier: Apache-2.0
import pc from "picocolors";
import { expect, test } from "vitest";
import { UklError } from "../errors/ukl-error.js";
import { InterruptedError } from "./interruption.js";
import { reportError } from "./report-error.js";

const plain = pc.createColors(false);

test("what a user can act on: the message, the hint below it", () => {
  const error = new UklError("SOURCE_FETCH_FAILED", "Cannot fetch", { hint: "try\nthis" });
  expect(reportError(error, plain)).toEqual({
    text: "Error: Cannot fetch\nHint:  try\n       this",
    status: 1,
  });
});

test.each([
  [new UklError("USAGE_INVALID", "x"), 2],
  [new UklError("APP_NOT_FOUND", "x"), 2],
  [new InterruptedError("SIGINT"), 130],
  [new InterruptedError("SIGTERM"), 143],
  [Object.assign(new Error("x"), { code: "ENOSPC" }), 1],
])("%o ends with its status", (error, status) => {
  expect(reportError(error, plain).status).toBe(status);
});

test("anything else is a bug, with its stack and its cause", () => {
  const report = reportError(new TypeError("x is undefined", { cause: "y" }), plain);
  expect(report.status).toBe(70);
  expect(report.text).toMatch(/^Bug: this should not have happened\nTypeError: x is undefined\n +at /);
  expect(report.text).toMatch(/Caused by: y$/);
});
