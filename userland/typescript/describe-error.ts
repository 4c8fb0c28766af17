// SPDX-License-Identifier: MIT
/** Errors as text, and the end of the program by those that nobody handles. */

import * as os from "quickjs:os";
import * as std from "quickjs:std";
import { onRejection } from "ukl:native";
import { inspect } from "./inspect.js";
import { mapStack } from "./source-map.js";

export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  const frames = mapStack(error.stack ?? "");
  const causes = error instanceof AggregateError ? error.errors : [];
  return [
    `${error.name}: ${error.message}`,
    ...(frames === "" ? [] : [frames]),
    ...causes.map((each) => indent(describeError(each))),
    ...(error.cause === undefined ? [] : [`Caused by ${describeError(error.cause)}`]),
  ].join("\n");
}

/** Ends the program, as one does that nobody catches. */
export function fail(error: unknown): never {
  std.out.flush();
  std.err.puts(`Uncaught ${describeError(error)}\n`);
  std.err.flush();
  std.exit(1);
}

/** Calls back what belongs to the program, whose errors have nobody else to go to. */
export function callBack(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    fail(error);
  }
}

/** From now on a promise that is rejected while nobody handles it ends the program. */
export function watchRejections(): void {
  const unhandled = new Map<object, unknown>();
  onRejection((promise, reason, isHandled) => {
    if (isHandled) unhandled.delete(promise);
    else {
      // Whoever made the promise gets the chance to say what shall become of it: after all that is due at once.
      if (unhandled.size === 0) os.setTimeout(() => endByFirst(unhandled), 0);
      unhandled.set(promise, reason);
    }
  });
}

function endByFirst(unhandled: ReadonlyMap<object, unknown>): void {
  for (const reason of unhandled.values()) fail(reason);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
