// SPDX-License-Identifier: Apache-2.0
/**
 * Mutual exclusion between processes that share a cache directory. The lock is the kernel's
 * own (flock(2), held by a flock(1) whose stdin is a pipe from us), so it ends with its holder, however
 * that dies: there is no stale lock to take over and no clock to trust. The file's
 * content, the holder's pid, is only for the message.
 */

import { once } from "node:events";
import { open, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "./context.js";
import { makeDirectory } from "./make-directory.js";
import { type ProcessGroup, spawnGroup } from "./process-group.js";

export interface FileLock extends AsyncDisposable {
  readonly file: string;
}

/**
 * Takes the lock, waiting for another holder to let go.
 *
 * @param purpose what the holder does, as "build the kernel 6.12"
 * @throws the reason of `ctx.signal` when that is aborted while waiting
 */
export async function takeFileLock(ctx: Context, file: string, purpose: string): Promise<FileLock> {
  const free = await tryFileLock(ctx, file);
  if (free !== undefined) return free;
  const holder = (await readFile(file, "utf8")).trim();
  const wait = async (): Promise<FileLock> => {
    const lock = await runFlock(ctx, ["--exclusive"], file);
    if (lock === undefined) throw new Error(`flock could not lock ${file}`);
    return lock;
  };
  // Two tasks of one process: the other one's step is on the screen already.
  if (holder === String(process.pid)) return wait();
  return ctx.log.step(`Waiting for process ${holder || "(unknown)"} to ${purpose}`, wait);
}

/** Takes the lock if nobody holds it. */
export async function tryFileLock(ctx: Context, file: string): Promise<FileLock | undefined> {
  await makeDirectory(path.dirname(file));
  return runFlock(ctx, ["--exclusive", "--nonblock"], file);
}

/** The shell says when it has the lock and then lives until our end of its stdin closes. */
const holdUntilEndOfInput = "echo locked; exec cat >/dev/null";

async function runFlock(ctx: Context, flags: readonly string[], file: string): Promise<FileLock | undefined> {
  ctx.signal.throwIfAborted();
  await touch(file);
  const holder = await spawnGroup({
    file: "flock",
    args: [...flags, file, "sh", "-c", holdUntilEndOfInput],
    stdin: "pipe",
    stdout: "pipe",
  });
  const onAbort = (): void => void holder.signal("SIGKILL");
  ctx.signal.addEventListener("abort", onAbort, { once: true });
  // The abort may have come while the process was being started.
  if (ctx.signal.aborted) onAbort();
  const locked = await Promise.race([announced(holder), holder.exited.then(() => false)]);
  ctx.signal.removeEventListener("abort", onAbort);
  ctx.signal.throwIfAborted();
  if (!locked) return undefined;
  const release = async (): Promise<void> => {
    holder.stdin?.end();
    await holder.exited;
  };
  try {
    await writeFile(file, `${process.pid}\n`);
  } catch (error) {
    await release();
    throw error;
  }
  return { file, [Symbol.asyncDispose]: release };
}

/** Creates the file if need be; unlike flock it says why it cannot. */
async function touch(file: string): Promise<void> {
  await (await open(file, "a")).close();
}

async function announced(holder: ProcessGroup): Promise<boolean> {
  if (holder.stdout === null) return false;
  await once(holder.stdout, "data");
  return true;
}
