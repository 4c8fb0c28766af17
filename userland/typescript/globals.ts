// SPDX-License-Identifier: MIT
/** What a program finds without importing it. The first module of every program. */

import * as os from "quickjs:os";
import * as std from "quickjs:std";
import { decode } from "ukl:native";
import { callBack, describeError, watchRejections } from "./describe-error.js";
import { inspect } from "./inspect.js";
import { setInterval, setTimeout, stopTimer } from "./timers.js";
import { encodeText } from "./utf8.js";

watchRejections();
// "using" and "await using", which esbuild translates, look for them.
const symbols = Symbol as unknown as Record<string, symbol>;
symbols["dispose"] ??= Symbol.for("Symbol.dispose");
symbols["asyncDispose"] ??= Symbol.for("Symbol.asyncDispose");

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
  setTimeout,
  setInterval,
  clearTimeout: stopTimer,
  clearInterval: stopTimer,
  queueMicrotask: (callback: () => void) => void Promise.resolve().then(() => callBack(callback)),
  performance: { now: os.now },
  TextEncoder: Utf8Encoder,
  TextDecoder: Utf8Decoder,
});
