// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { Screen } from "./screen.js";
import { createTerminalLog } from "./terminal-log.js";

const esc = "\u001B";

function createScreen({ tty = true, columns = 40 }: { tty?: boolean; columns?: number } = {}) {
  let text = "";
  const stream = { columns, write: (piece: string) => (text += piece) };
  return { screen: new Screen({ stream, color: false, tty }), written: () => text };
}

/** What a terminal shows in the end of carriage returns and erasures. */
function shown(text: string): string {
  const lines = text.split("\n").map((line) => line.split(`\r${esc}[K`).at(-1));
  return lines.join("\n");
}

describe("without a terminal", () => {
  test("there is no live line, and no control character", () => {
    const { screen, written } = createScreen({ tty: false });
    const owner = {};
    screen.draw(owner, "live");
    screen.print("stays");
    screen.erase(owner);
    expect(written()).toBe("stays\n");
  });
});

describe("on a terminal", () => {
  test("what stays is above the live line", () => {
    const { screen, written } = createScreen();
    screen.draw({}, "live");
    screen.print("one");
    screen.print("two");
    expect(shown(written())).toBe("one\ntwo\nlive");
  });

  test("only who drew last may erase", () => {
    const { screen, written } = createScreen();
    const [first, second] = [{}, {}];
    screen.draw(first, "first");
    screen.draw(second, "second");
    screen.erase(first);
    expect(shown(written())).toBe("second");
    screen.erase(second);
    expect(shown(written())).toBe("");
  });

  test.each([1, 2, 5, 10])("at %i columns the live line does not wrap", (columns) => {
    const { screen, written } = createScreen({ columns });
    screen.draw({}, `${esc}[31mlong enough to wrap${esc}[39m`);
    expect(stripVTControlCharacters(shown(written())).length).toBeLessThanOrEqual(Math.max(1, columns - 1));
  });
});

describe("colours", () => {
  async function write(options: { color: boolean; tty: boolean }): Promise<string> {
    let text = "";
    const stream = { columns: 80, write: (piece: string) => (text += piece) };
    const log = createTerminalLog({ ...options, stream, verbosity: 1 });
    log.warn("careful");
    await log
      .step("Building", async (log) => {
        log.detail("$ make");
        throw new Error("no");
      })
      .catch(() => {});
    return text;
  }

  test("are there when they are wanted", async () => {
    const text = await write({ color: true, tty: false });
    expect(text).toContain(`${esc}[33mWarning:${esc}[39m careful`);
    expect(text).toContain(`${esc}[31m✗${esc}[39m Building`);
  });

  test("are not there otherwise, and without a terminal nothing else is either", async () => {
    await expect(write({ color: false, tty: false })).resolves.not.toContain(esc);
    await expect(write({ color: false, tty: false })).resolves.not.toContain("\r");
    const text = await write({ color: false, tty: true });
    expect(text.replaceAll(`\r${esc}[K`, "")).not.toContain(esc);
  });
});

test("three steps deep, a failure is marked once and its outer steps follow in parentheses", async () => {
  let text = "";
  const stream = { write: (piece: string) => (text += piece) };
  const log = createTerminalLog({ stream, verbosity: 0, color: false, tty: false });
  const failing = log.step("One", (log) =>
    log.step("Two", async (log) => {
      await log.step("Before", async () => {});
      await log.step("Three", () => Promise.reject(new Error("no")));
    }),
  );
  await expect(failing).rejects.toThrow("no");
  expect(text.replaceAll(/\d+\.\d s/g, "T")).toBe(
    "One …\n  Two …\n    ✓ Before (T)\n    ✗ Three (T)\n  (Two)\n(One)\n",
  );
});
