// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { isRunning } from "../../test/process-state.js";
import { createTestDirectory } from "../../test/test-directory.js";
import { type GroupRequest, type ProcessGroup, spawnGroup } from "./process-group.js";

const patient = { timeout: 20_000 };

/** Starts a shell that prints one line, once it is where it should be; returns that too. */
async function startShell(script: string, options: Partial<GroupRequest> = {}) {
  const group = await spawnGroup({ file: "sh", args: ["-c", script], stdout: "pipe", ...options });
  return { group, line: await readLine(group) };
}

async function readLine(group: ProcessGroup): Promise<string> {
  const [chunk] = (await once(group.stdout ?? process, "data")) as [Buffer];
  return chunk.toString().trim();
}

describe("an end", () => {
  test.each([
    ["exit 0", { exitCode: 0, signal: undefined }],
    ["exit 7", { exitCode: 7, signal: undefined }],
    ["kill -KILL $$", { exitCode: 137, signal: "SIGKILL" }],
    ["kill -TERM $$", { exitCode: 143, signal: "SIGTERM" }],
  ])("%j is told as %o", async (script, exit) => {
    const group = await spawnGroup({ file: "sh", args: ["-c", script] });
    await expect(group.exited).resolves.toEqual(exit);
  });

  test("takes with it what the leader left behind", async () => {
    const { group, line } = await startShell("sleep 1000 >/dev/null & echo $!");
    await group.exited;
    await expect.poll(() => isRunning(Number(line)), patient).toBe(false);
  });

  test("after it there is nobody to signal", async () => {
    const group = await spawnGroup({ file: "true", args: [] });
    await group.exited;
    expect(group.signal("SIGTERM")).toBe(false);
  });
});

test("a program that is not there rejects with the system's error", async () => {
  await expect(spawnGroup({ file: "/no/such/program", args: [] })).rejects.toMatchObject({ code: "ENOENT" });
});

test("leads a session and a group of its own, so that Ctrl-C on the terminal does not reach it", async () => {
  const { group, line } = await startShell("cut -d' ' -f1,5,6 /proc/$$/stat; exec sleep 1000");
  await using _group = group;
  expect(line.split(" ")).toEqual(Array(3).fill(String(group.pid)));
});

test("in the foreground, stays in our session and group", async () => {
  const { group, line } = await startShell("cut -d' ' -f5,6 /proc/$$/stat", { foreground: true });
  const ours = (await readFile("/proc/self/stat", "utf8")).replace(/^.*\) /, "").split(" ");
  expect(line.split(" ")).toEqual(ours.slice(2, 4));
  await group.exited;
});

describe("a stop", () => {
  test("asks first, and lets the program end as it likes", async () => {
    const { group } = await startShell("trap 'exit 5' TERM; sleep 1000 & echo ready; wait");
    await expect(group.stop(60_000)).resolves.toEqual({ exitCode: 5, signal: undefined });
  });

  test("insists when the program does not hear", async () => {
    const { group } = await startShell("trap '' TERM; echo ready; while :; do sleep 1000; done");
    await expect(group.stop(1)).resolves.toEqual({ exitCode: 137, signal: "SIGKILL" });
  });

  test("reaches grandchildren that ignore SIGTERM", async () => {
    const { group, line } = await startShell(
      "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1000; done' & wait",
    );
    await group.stop();
    await expect.poll(() => isRunning(Number(line)), patient).toBe(false);
  });

  test("is what disposing does", async () => {
    let pid: number;
    {
      const { group } = await startShell("echo ready; exec sleep 1000");
      await using _group = group;
      pid = group.pid;
    }
    await expect(isRunning(pid)).resolves.toBe(false);
  });
});

test("one that is to outlive us is left alone by disposing, and by the end of its leader", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "pid");
  execFileSync("mkfifo", [file]);
  const log = openSync("/dev/null", "w");
  const group = await spawnGroup({
    file: "sh",
    args: ["-c", `sleep 1000 & echo $! >'${file}'`],
    stdout: log,
    outlive: true,
  });
  const pid = Number(await readFile(file, "utf8"));
  await group.exited;
  await group[Symbol.asyncDispose]();
  closeSync(log);
  await expect(isRunning(pid)).resolves.toBe(true);
  process.kill(pid, "SIGKILL");
});
