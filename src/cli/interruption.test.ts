// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test } from "vitest";
import { abortOnSignals, InterruptedError } from "./interruption.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));

afterEach(() => {
  for (const signal of signals)
    for (const listener of process.listeners(signal))
      if (!before.get(signal)?.includes(listener)) process.off(signal, listener);
});

/** What the listeners that were added do on a signal; sent for real, it would reach the test runner's too. */
function deliver(signal: NodeJS.Signals & (typeof signals)[number]): void {
  for (const listener of process.listeners(signal))
    if (!before.get(signal)?.includes(listener)) listener(signal);
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s aborts, with status %i", (name, status) => {
  const gaveUp: number[] = [];
  const signal = abortOnSignals((status) => gaveUp.push(status));
  expect(signal.aborted).toBe(false);
  deliver(name);
  expect(signal.reason).toBeInstanceOf(InterruptedError);
  expect(signal.reason).toMatchObject({ name: "AbortError", signal: name, exitStatus: status });
  expect(gaveUp).toEqual([]);
});

test("a second signal gives up, with its own status, and the first reason stays", () => {
  const gaveUp: number[] = [];
  const signal = abortOnSignals((status) => gaveUp.push(status));
  deliver("SIGINT");
  deliver("SIGTERM");
  expect(gaveUp).toEqual([143]);
  expect(signal.reason).toMatchObject({ signal: "SIGINT" });
});
