// SPDX-License-Identifier: Apache-2.0
/** What every operation needs from its caller: where to speak, when to stop, where to keep things. */

import { setMaxListeners } from "node:events";
import { homedir } from "node:os";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { type Log, silentLog } from "../log/log.js";

export interface Context {
  readonly log: Log;
  /** Aborted on Ctrl-C. Whoever waits rejects with `signal.reason` after it has ended what it started. */
  readonly signal: AbortSignal;
  /** Absolute; may not exist yet. */
  readonly cacheDir: string;
  /** Install what is missing without asking (--yes, CI=true). */
  readonly assumeYes: boolean;
  /** A person at a terminal can be asked. */
  readonly interactive: boolean;
  /** Build nothing: what is not in the cache is absent. */
  readonly cachedOnly: boolean;
  /** Open lock files that the commands inherit: one that outlives us still holds the lock on what it writes to. */
  readonly locks: readonly number[];
}

/** Completes a context: silent, never aborted, nobody to ask, the user's cache directory. */
export function createContext(options: Partial<Context> = {}): Context {
  const signal = options.signal ?? new AbortController().signal;
  // Every running command listens to the one signal: many at once are no leak.
  setMaxListeners(0, signal);
  return {
    log: options.log ?? silentLog,
    signal,
    cacheDir: path.resolve(options.cacheDir ?? defaultCacheDir(process.env)),
    assumeYes: options.assumeYes ?? false,
    interactive: options.interactive ?? false,
    cachedOnly: options.cachedOnly ?? false,
    locks: options.locks ?? [],
  };
}

/** The same context with another log: for what runs inside a step. */
export function withLog(ctx: Context, log: Log): Context {
  return { ...ctx, log };
}

/** The same context for those who only look: nothing is built or installed, and nobody is asked. */
export function withCachedOnly(ctx: Context): Context {
  return { ...ctx, log: silentLog, assumeYes: false, interactive: false, cachedOnly: true };
}

/** The same context inside a lock, given as its open file. */
export function withLock(ctx: Context, fd: number): Context {
  return { ...ctx, locks: [...ctx.locks, fd] };
}

/**
 * $UKL_CACHE_DIR, else ukl in $XDG_CACHE_HOME, else ~/.cache/ukl.
 *
 * @throws UklError USAGE_INVALID when $HOME would be needed, and is empty
 */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>>): string {
  return (
    env["UKL_CACHE_DIR"] || path.join(env["XDG_CACHE_HOME"] || path.join(requireHome(), ".cache"), "ukl")
  );
}

function requireHome(): string {
  const home = homedir();
  if (home !== "") return home;
  throw new UklError("USAGE_INVALID", "Cannot find the cache directory: $HOME is empty", {
    hint: "Name a directory: UKL_CACHE_DIR=DIR ukl …",
  });
}
