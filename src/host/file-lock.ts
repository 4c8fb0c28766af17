// SPDX-License-Identifier: Apache-2.0
/**
 * Mutual exclusion between processes that share a cache directory. The lock is the kernel's own
 * (flock(2)), taken by flock(1) on a file that we have open, so it ends with the last process that has the file
 * open, however that dies: there is no stale lock to take over and no clock to trust. What we start under the
 * lock can inherit it. The file's content, the holder's pid, is only for the message.
 */

import { open, readFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "./context.js";
import { makeDirectory } from "./make-directory.js";
import { firstInheritedFd, spawnGroup } from "./process-group.js";

export interface FileLock extends AsyncDisposable {
  readonly file: string;
  /** The open file: a process that inherits it holds the lock too. */
  readonly fd: number;
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
    const lock = await lockFile(ctx, [], file);
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
  return lockFile(ctx, ["--nonblock"], file);
}

async function lockFile(ctx: Context, flags: readonly string[], file: string): Promise<FileLock | undefined> {
  const handle = await open(file, "a");
  try {
    if (await runFlock(ctx, flags, handle.fd)) {
      await handle.truncate();
      await handle.write(`${process.pid}\n`);
      return { file, fd: handle.fd, [Symbol.asyncDispose]: () => handle.close() };
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** Locks the open file, which the child shares with us; false when another has it locked. */
async function runFlock(ctx: Context, flags: readonly string[], fd: number): Promise<boolean> {
  ctx.signal.throwIfAborted();
  const flock = await spawnGroup({
    file: "flock",
    args: ["--exclusive", ...flags, String(firstInheritedFd)],
    inherit: [fd],
  });
  const onAbort = (): void => void flock.signal("SIGKILL");
  ctx.signal.addEventListener("abort", onAbort, { once: true });
  // The abort may have come while the process was being started.
  if (ctx.signal.aborted) onAbort();
  const { exitCode } = await flock.exited;
  ctx.signal.removeEventListener("abort", onAbort);
  ctx.signal.throwIfAborted();
  return exitCode === 0;
}
