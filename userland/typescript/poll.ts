// SPDX-License-Identifier: MIT
/**
 * Waits for sockets and signals: one epoll instance that has them all, in QuickJS's own loop, which knows that one
 * descriptor only and the timers. While nobody waits it is not in the loop, so that a program ends when nothing is left.
 */

import * as os from "quickjs:os";
import { openPoll, takeEvents, watch } from "ukl:native";
import { expectResult } from "./system-error.js";

export type Way = "read" | "write";

/** Has a descriptor watched until it is closed. */
export function watchDescriptor(fd: number): void {
  expectResult(watch(poll, fd), "watch");
}

/**
 * Resolves when it may be worth to try again. Only for who has just tried, and was told EAGAIN: what happened before is
 * not told again.
 *
 * @throws TypeError when somebody waits for the same already
 */
export function waitFor(fd: number, way: Way): Promise<void> {
  const key = keyOf(fd, way);
  if (waiters.has(key)) return Promise.reject(new TypeError(`another ${way} of it has not ended yet`));
  return new Promise((resolve) => {
    if (waiters.size === 0) os.setReadHandler(poll, wakeUp);
    waiters.set(key, resolve);
  });
}

/** Has those who wait try again, and find that it is closed. Before the descriptor is closed. */
export function stopWaiting(fd: number): void {
  wake(fd, 1 | 2);
}

/**
 * Has an operation that goes on without ever waiting make room for the others now and then.
 *
 * @returns undefined when it may go on at once
 */
export function takeTurns(): Promise<void> | undefined {
  if (++turns % turnLength !== 0) return undefined;
  // Not 0: the loop looks at timers that have expired first, and would never get to the sockets.
  return new Promise((resolve) => void os.setTimeout(resolve, 1));
}

const poll = expectResult(openPoll(), "epoll_create");
const waiters = new Map<number, () => void>();
const turnLength = 256;
let turns = 0;

function keyOf(fd: number, way: Way): number {
  return fd * 2 + (way === "write" ? 1 : 0);
}

function wakeUp(): void {
  const events = takeEvents(poll);
  for (let index = 0; index < events.length; index += 2) {
    const [fd = -1, ways = 0] = events.slice(index, index + 2);
    wake(fd, ways);
  }
}

function wake(fd: number, ways: number): void {
  if (ways & 1) finish(keyOf(fd, "read"));
  if (ways & 2) finish(keyOf(fd, "write"));
}

function finish(key: number): void {
  const resolve = waiters.get(key);
  if (resolve === undefined) return;
  waiters.delete(key);
  if (waiters.size === 0) os.setReadHandler(poll, null);
  resolve();
}
