// SPDX-License-Identifier: Apache-2.0
import { readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "./context.js";
import { runCommand } from "./run-command.js";

const ctx = createContext();
const shell = (script: string): [string, string[]] => ["sh", ["-c", script]];

describe("a command that ends", () => {
  test("gives its output, apart and as lines", async () => {
    const lines: string[] = [];
    const result = await runCommand(ctx, ...shell("echo out; printf 'no end' >&2"), {
      onOutput: (line) => lines.push(line),
    });
    expect(result).toMatchObject({ exitCode: 0, signal: undefined, stdout: "out\n", stderr: "no end" });
    expect(lines.sort()).toEqual(["no end", "out"]);
  });

  test("gets its input, and otherwise an empty one", async () => {
    expect((await runCommand(ctx, "cat", [], { input: "données" })).stdout).toBe("données");
    expect((await runCommand(ctx, "cat", [])).stdout).toBe("");
  });

  test("may leave its input unread", async () => {
    await expect(runCommand(ctx, "true", [], { input: "x".repeat(1 << 20) })).resolves.toMatchObject({
      exitCode: 0,
    });
  });

  test("has a built environment, not ours", async () => {
    process.env["UKL_TEST_SECRET"] = "leaked";
    const { stdout } = await runCommand(ctx, "env", [], { env: { GIVEN: "yes" } });
    const names = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names.sort()).toEqual(["GIVEN", "HOME", "LANG", "PATH", "TMPDIR"]);
  });

  test("appends what it printed to the log file", async () => {
    await using directory = await createTestDirectory();
    const logFile = path.join(directory.path, "new", "log");
    await runCommand(ctx, "echo", ["one"], { logFile });
    await runCommand(ctx, "sh", ["-c", "echo two >&2; exit 3"], { logFile, allowFailure: true });
    expect(await readFile(logFile, "utf8")).toBe(
      "$ echo one\none\n# exit status 0\n$ sh -c 'echo two >&2; exit 3'\ntwo\n# exit status 3\n",
    );
  });

  test("takes what it left running with it", async () => {
    const { stdout } = await runCommand(ctx, ...shell("sleep 1000 >/dev/null 2>&1 & echo $!"));
    await expectGone(Number(stdout));
  });
});

describe("a command that fails", () => {
  test("says how to repeat it, and what it said last", async () => {
    const failing = runCommand(ctx, ...shell("echo 'a cause' >&2; exit 3"), { cwd: "/tmp" });
    await expect(failing).rejects.toMatchObject({
      code: "HOST_COMMAND_FAILED",
      message: 'Cannot run "sh": it exited with status 3\n  a cause',
      hint: "Repeat it with: cd /tmp && sh -c 'echo '\\''a cause'\\'' >&2; exit 3'",
    });
  });

  test("says where its log is, which has the command", async () => {
    await using directory = await createTestDirectory();
    const logFile = path.join(directory.path, "log");
    await expect(runCommand(ctx, ...shell("exit 3"), { logFile })).rejects.toMatchObject({
      hint: `Read the log: ${logFile}`,
    });
    expect(await readFile(logFile, "utf8")).toContain("$ sh -c 'exit 3'");
  });

  test("by a signal, says which", async () => {
    await expect(runCommand(ctx, ...shell("kill -SEGV $$"))).rejects.toThrow("it was ended by SIGSEGV");
    const result = await runCommand(ctx, ...shell("kill -SEGV $$"), { allowFailure: true });
    expect(result).toMatchObject({ exitCode: 139, signal: "SIGSEGV" });
  });

  test("because it is not there, or is no program", async () => {
    await using directory = await createTestDirectory();
    await expect(runCommand(ctx, "no-such-tool", [])).rejects.toMatchObject({
      code: "HOST_TOOL_MISSING",
      message: 'Cannot run "no-such-tool": it is not installed',
    });
    const file = path.join(directory.path, "not-executable");
    await writeFile(file, "");
    await expect(runCommand(ctx, file, [])).rejects.toMatchObject({ code: "HOST_NOT_WRITABLE" });
  });

  test("because the disk is full", async () => {
    await expect(runCommand(ctx, ...shell("echo x | tee /dev/full"))).rejects.toMatchObject({
      code: "HOST_NO_SPACE",
    });
  });

  test("because the disk is full for its log", async () => {
    await using directory = await createTestDirectory();
    const logFile = path.join(directory.path, "log");
    await symlink("/dev/full", logFile);
    await expect(runCommand(ctx, "echo", ["x"], { logFile })).rejects.toMatchObject({
      code: "HOST_NO_SPACE",
    });
  });
});

describe("a command that does not end", () => {
  test("is ended with all of its group after the timeout", async () => {
    const pids: number[] = [];
    const running = runCommand(ctx, ...shell("sleep 1000 & echo $!; wait"), {
      timeoutMs: 200,
      onOutput: (line) => pids.push(Number(line)),
    });
    await expect(running).rejects.toMatchObject({ code: "HOST_TIMEOUT" });
    await expectGone(pids[0]);
  });

  test("is ended on abort, though it ignores SIGTERM, and rejects with the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const pids: number[] = [];
    const running = runCommand(
      createContext({ signal: controller.signal }),
      ...shell("trap '' TERM; echo $$; while :; do sleep 1; done"),
      {
        onOutput: (line) => {
          pids.push(Number(line));
          controller.abort(reason);
        },
      },
    );
    await expect(running).rejects.toBe(reason);
    await expectGone(pids[0]);
  });

  test("is not even started after an abort", async () => {
    await using directory = await createTestDirectory();
    const aborted = createContext({ signal: AbortSignal.abort(new Error("enough")) });
    const file = path.join(directory.path, "file");
    await expect(runCommand(aborted, "touch", [file])).rejects.toThrow("enough");
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });
});

/** A killed process is gone once its parent, here init, has reaped it. */
async function expectGone(pid: number | undefined): Promise<void> {
  await expect.poll(() => findState(pid ?? 0)).toMatch(/^(gone|Z)$/);
}

async function findState(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") gone");
  return status.slice(status.lastIndexOf(")") + 2).split(" ")[0] ?? "";
}
