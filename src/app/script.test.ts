// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { readInterpreterLine } from "./script.js";

test.each([
  ["#!/bin/sh\n", "/bin/sh", []],
  ["#! /usr/bin/awk -f \nBEGIN {}", "/usr/bin/awk", ["-f"]],
  ["#!/usr/bin/perl -w -T\n", "/usr/bin/perl", ["-w -T"]],
  ["#!/usr/bin/env python3\r\n", "python3", []],
  ["#!/usr/bin/env -S A=1 node --test --x\n", "node", ["--test", "--x"]],
])("%j", (text, interpreter, args) => {
  expect(readInterpreterLine(Buffer.from(text))).toEqual({ interpreter, args });
});

test.each(["", "#!", "#!\n/bin/sh", "print(7)\n#!/bin/sh"])("%j is no script", (text) => {
  expect(readInterpreterLine(Buffer.from(text))).toBeUndefined();
});
