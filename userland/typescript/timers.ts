// SPDX-License-Identifier: MIT
/**
 * setTimeout and its relatives, in the order in which they are due. QuickJS looks at its own timers in the order in which they
 * were made, so it gets to know only the one that is due first.
 */

import * as os from "quickjs:os";
import { callBack } from "./describe-error.js";

interface Timer {
  readonly id: number;
  readonly dueAt: number;
  readonly callback: () => void;
  /** Undefined: once. */
  readonly everyMs: number | undefined;
}

type Callback<Args extends unknown[]> = (...args: Args) => void;

export function setTimeout<Args extends unknown[]>(
  callback: Callback<Args>,
  delayMs?: number,
  ...args: Args
): number {
  return start(++lastId, () => callback(...args), clampDelay(delayMs), false);
}

export function setInterval<Args extends unknown[]>(
  callback: Callback<Args>,
  delayMs?: number,
  ...args: Args
): number {
  return start(++lastId, () => callback(...args), clampDelay(delayMs), true);
}

export function stopTimer(id: number | undefined): void {
  const index = timers.findIndex((timer) => timer.id === id);
  if (index < 0) return;
  timers.splice(index, 1);
  arm();
}

/** By the time that they are due, those of one time in the order of their making. */
const timers: Timer[] = [];
let lastId = 0;
let armed: { readonly id: number; readonly dueAt: number } | undefined;

/** At least 1 ms: the loop looks at what has expired already before it looks at any descriptor. */
function clampDelay(delayMs = 1): number {
  return delayMs >= 1 ? delayMs : 1;
}

function start(id: number, callback: () => void, delayMs: number, again: boolean): number {
  const dueAt = os.now() + delayMs;
  const after = timers.findLastIndex((timer) => timer.dueAt <= dueAt);
  timers.splice(after + 1, 0, { id, dueAt, callback, everyMs: again ? delayMs : undefined });
  arm();
  return id;
}

function arm(): void {
  const [first] = timers;
  if (first?.dueAt === armed?.dueAt) return;
  if (armed !== undefined) os.clearTimeout(armed.id);
  armed = undefined;
  if (first === undefined) return;
  const id = os.setTimeout(runNext, Math.max(0, Math.ceil(first.dueAt - os.now())));
  armed = { id, dueAt: first.dueAt };
}

/** One at a time, so that what a callback has promised is kept before the next one. */
function runNext(): void {
  armed = undefined;
  const [first] = timers;
  if (first !== undefined && first.dueAt <= os.now()) {
    timers.shift();
    const { id, callback, everyMs } = first;
    if (everyMs !== undefined) start(id, callback, everyMs, true);
    callBack(callback);
  }
  arm();
}
