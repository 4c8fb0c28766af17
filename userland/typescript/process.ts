// SPDX-License-Identifier: MIT
/** "ukl:process": the program itself. */

import * as os from "quickjs:os";
import * as std from "quickjs:std";
import * as native from "ukl:native";
import type { Signal } from "ukl:process";
import { describeError } from "./describe-error.js";
import { waitFor, watchDescriptor } from "./poll.js";
import { expectResult, retry, SystemError } from "./system-error.js";

export { describeError, SystemError };

export const args: readonly string[] = native.programArguments();

export const env: Readonly<Record<string, string>> = std.getenviron();

export function exit(status = 0): never {
  std.exit(status);
}

export function onSignal(signal: Signal, handler: () => void): void {
  const number: number | undefined = signalNumbers[signal];
  if (number === undefined) throw new TypeError(`"${signal}" is not a signal that can be handled`);
  handlers.set(number, handler);
  const fd = expectResult(native.catchSignal(signals, number), "handle", signal);
  if (signals >= 0) return;
  signals = fd;
  watchDescriptor(fd);
  void handleSignals(fd);
}

export const stdin: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {
    const buffer = new Uint8Array(65536);
    for (;;) {
      // Not by poll.js: a file cannot be watched.
      await new Promise<void>((resolve) => os.setReadHandler(0, resolve));
      os.setReadHandler(0, null);
      const count = retry(() => os.read(0, buffer.buffer, 0, buffer.length), "read", "the standard input");
      if (count === 0) return;
      yield buffer.slice(0, count);
    }
  },
};

const { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2 } = native;
const signalNumbers = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2 } as const satisfies Record<Signal, number>;
const handlers = new Map<number, () => void>();
let signals = -1;

async function handleSignals(fd: number): Promise<never> {
  for (;;) {
    const signal = native.takeSignal(fd);
    if (signal > 0) handlers.get(signal)?.();
    else await waitFor(fd, "read");
  }
}
