// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "./context.js";
import { takeFileLock, tryFileLock } from "./file-lock.js";

const ctx = createContext();

test("makes the directory, and writes down who holds it", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "new", "a.lock");
  await using lock = await takeFileLock(ctx, file, "test");
  expect(lock.file).toBe(file);
  await expect(readFile(file, "utf8")).resolves.toBe(`${process.pid}\n`);
});

test("is held by one at a time, and free again afterwards", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "a.lock");
  {
    await using lock = await tryFileLock(ctx, file);
    expect(lock).toBeDefined();
    await expect(tryFileLock(ctx, file)).resolves.toBeUndefined();
  }
  await using again = await tryFileLock(ctx, file);
  expect(again).toBeDefined();
});

test("of many that want it, never two have it", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "a.lock");
  let holders = 0;
  const most: number[] = [];
  const hold = async (): Promise<void> => {
    await using _lock = await takeFileLock(ctx, file, "test");
    most.push(++holders);
    // Lets the others run; what would be wrong shows whatever they do meanwhile.
    await readFile(file);
    holders--;
  };
  await Promise.all(Array.from({ length: 5 }, hold));
  expect(most).toEqual([1, 1, 1, 1, 1]);
});

test("is let go when its holder is killed, and a stale pid in the file does not matter", async () => {
  await using directory = await createTestDirectory();
  const file = path.join(directory.path, "a.lock");
  const holder = spawn("flock", [file, "sh", "-c", `echo $$ >'${file}'; echo locked; exec sleep 1000`], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  await once(holder.stdout, "data");
  await expect(tryFileLock(ctx, file)).resolves.toBeUndefined();
  const exited = once(holder, "exit");
  process.kill(-(holder.pid as number), "SIGKILL");
  await exited;
  await using lock = await takeFileLock(ctx, file, "test");
  expect(lock.file).toBe(file);
});

test("is not taken after an abort", async () => {
  await using directory = await createTestDirectory();
  const aborted = createContext({ signal: AbortSignal.abort(new Error("Ctrl-C")) });
  const file = path.join(directory.path, "a.lock");
  await expect(takeFileLock(aborted, file, "test")).rejects.toThrow("Ctrl-C");
  await using lock = await tryFileLock(ctx, file);
  expect(lock).toBeDefined();
});
