// SPDX-License-Identifier: Apache-2.0
/** Collects what an application writes, for those who look at it later or wait for something in it. */

import type { Context } from "../host/context.js";
import type { Machine } from "./machine.js";
import { readLines } from "./read-lines.js";

export interface AppOutput {
  /** Standard output and standard error as they came. */
  readonly text: string;
  /**
   * Waits for a text or a match, and returns it.
   *
   * @throws when the output ends without it
   */
  waitFor(expected: string | RegExp): Promise<string>;
  /** Resolves when all has been read. */
  readonly ended: Promise<void>;
}

/** Reads both streams of a machine with pipes, from now on to their end. */
export function collectOutput(ctx: Pick<Context, "log">, { stdout, stderr }: Machine): AppOutput {
  const streams = [stdout, stderr].filter((stream) => stream !== undefined);
  const waiting = new Set<() => void>();
  let text = "";
  let open = streams.length;
  for (const stream of streams) {
    stream.setEncoding("utf8");
    stream.on("data", (piece: string) => {
      text += piece;
      for (const look of waiting) look();
    });
    stream.once("close", () => {
      open--;
      for (const look of waiting) look();
    });
    readLines(stream, (line) => ctx.log.output(line));
  }
  const closed = streams.map((stream) => new Promise((resolve) => stream.once("close", resolve)));
  return {
    get text() {
      return text;
    },
    waitFor: (expected) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = find(text, expected);
          if (found === undefined && open > 0) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`its output ended without ${describe(expected)}`));
        };
        waiting.add(look);
        look();
      }),
    ended: Promise.all(closed).then(() => {}),
  };
}

function find(text: string, expected: string | RegExp): string | undefined {
  if (typeof expected === "string") return text.includes(expected) ? expected : undefined;
  return new RegExp(expected.source, expected.flags.replaceAll(/[gy]/g, "")).exec(text)?.[0];
}

function describe(expected: string | RegExp): string {
  return typeof expected === "string" ? JSON.stringify(expected) : String(expected);
}
