// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { createGuestShell, type GuestShell } from "./guest-shell.js";

let child: ChildProcessByStdio<Writable, Readable, null> | undefined;
afterEach(() => void child?.kill("SIGKILL"));

/** On this host: lowering its own score is refused, which the shell survives. */
function startShell(): GuestShell {
  child = spawn("/bin/sh", [], { stdio: ["pipe", "pipe", "ignore"] });
  return createGuestShell(child);
}

describe("createGuestShell", () => {
  test("returns what commands say, and their status", async () => {
    const shell = startShell();
    expect(await shell.run("echo one; echo two >&2; exit 3")).toEqual({ status: 3, output: "one\ntwo" });
    expect(await shell.run("printf 'no end of line'")).toEqual({ status: 0, output: "no end of line" });
  });

  test("runs them one after the other, and what they start in the background goes on", async () => {
    const shell = startShell();
    const [first, second] = await Promise.all([shell.succeed("sleep 0.2; echo a"), shell.succeed("echo b")]);
    expect([first, second]).toEqual(["a", "b"]);
    const pid = await shell.succeed("sleep 60 > /dev/null & echo $!");
    expect(await shell.succeed(`kill ${pid} && echo killed`)).toBe("killed");
  });

  test("rejects when it fails, and when the shell ends", async () => {
    const shell = startShell();
    await expect(shell.succeed("echo why; false")).rejects.toThrow("ended with status 1 in the guest: why");
    const lost = shell.run("kill -9 $$");
    await expect(lost).rejects.toThrow("the guest's shell ended during");
    await expect(shell.run("true")).rejects.toThrow("the guest's shell ended");
  });
});
