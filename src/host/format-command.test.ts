// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { formatCommand, quoteForShell } from "./format-command.js";

test("formats a command that a shell understands", () => {
  expect(formatCommand({ file: "make", args: ["-j2", "CC=ccache gcc"], cwd: "/a b", env: { A: "1" } })).toBe(
    "cd '/a b' && A=1 make -j2 'CC=ccache gcc'",
  );
});

test.each(["plain", "", "two words", "it's", '$HOME `id` \\ "', "*", "a\nb", "~", "-x=y"])(
  "a shell reads %j back",
  (word) => {
    expect(execFileSync("sh", ["-c", `printf %s ${quoteForShell(word)}`]).toString()).toBe(word);
  },
);
