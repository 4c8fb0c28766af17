// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createTerminalLog } from "./terminal-log.js";

/** A log that writes into memory, and what it wrote with the times made constant. */
function createRecorded(options: { verbosity?: number; tty?: boolean } = {}) {
  let text = "";
  const log = createTerminalLog({
    stream: { columns: 40, write: (piece: string) => (text += piece) },
    verbosity: options.verbosity ?? 0,
    color: false,
    tty: options.tty ?? false,
  });
  return { log, written: () => text.replaceAll(/\d+\.\d s/g, "T") };
}

describe("without a terminal", () => {
  test("a step is one line, when it is done", async () => {
    const { log, written } = createRecorded();
    await expect(log.step("Building", async () => 7)).resolves.toBe(7);
    expect(written()).toBe("✓ Building (T)\n");
  });

  test("a step that has something below it is announced", async () => {
    const { log, written } = createRecorded();
    await log.step("Building", async (log) => {
      await log.step("Compiling", async (log) => log.info("two\nlines"));
    });
    expect(written()).toBe(
      "Building …\n  Compiling …\n    two\n    lines\n  ✓ Compiling (T)\n✓ Building (T)\n",
    );
  });

  test("a failure names its step, and the outer steps in parentheses", async () => {
    const { log, written } = createRecorded();
    const failing = log.step("Building", (log) =>
      log.step("Compiling", () => Promise.reject(new Error("no compiler"))),
    );
    await expect(failing).rejects.toThrow("no compiler");
    expect(written()).toBe("Building …\n  ✗ Compiling (T)\n(Building)\n");
  });

  test("progress is a line for each tenth", async () => {
    const { log, written } = createRecorded();
    await log.step("Compiling", async (log) => {
      for (let done = 1; done <= 300; done++) log.progress(done, 300);
    });
    expect(written().match(/of 300/g)).toHaveLength(10);
    expect(written()).toContain("  150 of 300\n");
  });

  test("an unknown total is never invented", async () => {
    const { log, written } = createRecorded();
    await log.step("Compiling", async (log) => log.progress(5, undefined));
    expect(written()).toBe("✓ Compiling (T)\n");
  });
});

test.each([
  [0, ""],
  [1, "$ make\n"],
  [2, "$ make\nCC a.o\n"],
])("verbosity %i shows %j", (verbosity, expected) => {
  const { log, written } = createRecorded({ verbosity });
  log.detail("$ make");
  log.output("CC a.o");
  expect(written()).toBe(expected);
});

test("on a terminal the live line is erased before a line that stays, and never wraps", async () => {
  const { log, written } = createRecorded({ tty: true });
  await log.step("A title that is much longer than the terminal is wide", async (log) => log.progress(1, 2));
  const lines = written().replaceAll("\r\u001B[K", "\n").split("\n");
  for (const line of lines.slice(0, -2)) expect(line.length).toBeLessThan(40);
  expect(lines.at(-2)).toBe("✓ A title that is much longer than the terminal is wide (T)");
});
