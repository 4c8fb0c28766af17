// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { requireOwnEnd } from "./require-own-end.js";

const end = (result: Partial<Parameters<typeof requireOwnEnd>[1]>) => () =>
  requireOwnEnd("measure", { signal: undefined, stderr: "", ...result });

test.each([{}, { stderr: "warning" }, { signal: "SIGSEGV" }, { signal: "SIGABRT" }] as const)(
  "%j is an end of its own",
  (result) => {
    expect(end(result)).not.toThrow();
  },
);

test.each([
  [{ signal: "SIGKILL" }, "SIGKILL"],
  [{ stderr: "qemu-system-x86_64: terminating on signal 15 from pid 7 (kill)\n" }, "SIGTERM"],
  [{ stderr: "warning\nqemu-system-x86_64: terminating on signal 2\n" }, "SIGINT"],
] as const)("%j is one that somebody else made", (result, signal) => {
  expect(end(result)).toThrow(`Cannot measure: something else has ended QEMU with ${signal}`);
});
