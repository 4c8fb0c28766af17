// SPDX-License-Identifier: MIT
/** What a program finds without importing it. The first module of every program. */

import * as os from "quickjs:os";
import * as std from "quickjs:std";
import { decode } from "ukl:native";
import { callBack, describeError, watchRejections } from "./describe-error.js";
import { inspect } from "./inspect.js";
import { encodeText } from "./utf8.js";

watchRejections();
// "using" and "await using", which esbuild translates, look for them.
const symbols = Symbol as unknown as Record<string, symbol>;
symbols["dispose"] ??= Symbol.for("Symbol.dispose");
symbols["asyncDispose"] ??= Symbol.for("Symbol.asyncDispose");

type Callback<Args extends unknown[]> = (...args: Args) => void;

/** The number of the one that is running now, by the number that was given for them all. */
const intervals = new Map<number, number>();

function startTimer<Args extends unknown[]>(
  callback: Callback<Args>,
  delayMs: number | undefined,
  args: Args,
): number {
  // At least 1: a timer that has expired already would be looked at before any socket.
  return os.setTimeout(() => callBack(() => callback(...args)), Math.max(1, Math.ceil(delayMs ?? 0)) || 1);
}

function startInterval<Args extends unknown[]>(
  callback: Callback<Args>,
  delayMs: number | undefined,
  args: Args,
): number {
  const again = (): void => {
    intervals.set(interval, startTimer(again, delayMs, []));
    callback(...args);
  };
  const interval = startTimer(again, delayMs, []);
  intervals.set(interval, interval);
  return interval;
}

function stopTimer(timer: number | undefined): void {
  if (timer === undefined) return;
  os.clearTimeout(intervals.get(timer) ?? timer);
  intervals.delete(timer);
}

function write(file: std.OutputFile, values: readonly unknown[]): void {
  file.puts(`${values.map(format).join(" ")}\n`);
  file.flush();
}

function format(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Error ? describeError(value) : inspect(value);
}

class Utf8Encoder {
  readonly encoding = "utf-8";

  encode(text = ""): Uint8Array {
    return encodeText(text);
  }
}

class Utf8Decoder {
  readonly encoding = "utf-8";

  constructor(encoding = "utf-8") {
    if (!/^utf-?8$/i.test(encoding))
      throw new RangeError(`"${encoding}" is not an encoding that is known here`);
  }

  decode(bytes: Uint8Array = new Uint8Array()): string {
    return decode(bytes);
  }
}

const print = (...values: readonly unknown[]): void => write(std.out, values);
const complain = (...values: readonly unknown[]): void => write(std.err, values);

Object.assign(globalThis, {
  console: { log: print, info: print, debug: print, error: complain, warn: complain },
  setTimeout: <Args extends unknown[]>(callback: Callback<Args>, delayMs?: number, ...args: Args) =>
    startTimer(callback, delayMs, args),
  setInterval: <Args extends unknown[]>(callback: Callback<Args>, delayMs?: number, ...args: Args) =>
    startInterval(callback, delayMs, args),
  clearTimeout: stopTimer,
  clearInterval: stopTimer,
  queueMicrotask: (callback: () => void) => void Promise.resolve().then(() => callBack(callback)),
  performance: { now: os.now },
  TextEncoder: Utf8Encoder,
  TextDecoder: Utf8Decoder,
});
