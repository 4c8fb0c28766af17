// SPDX-License-Identifier: Apache-2.0
/** A shell in the guest that does what the host says: an ordinary process, the machine's "application" here. */

import type { Readable, Writable } from "node:stream";
import { readLines } from "./read-lines.js";

export interface ShellResult {
  readonly status: number;
  /** Standard output and standard error. */
  readonly output: string;
}

export interface GuestShell {
  /**
   * Runs commands in a subshell, one call after the other. What they leave in the background lives on.
   *
   * @throws Error when the shell ends first
   */
  run(commands: string): Promise<ShellResult>;
  /** As `run`, for commands that have to succeed: returns what they say. @throws Error when they do not */
  succeed(commands: string): Promise<string>;
  /** Lets the shell end, and with it the machine. */
  end(): void;
}

/** @param streams of a machine whose application is /bin/sh */
export function createGuestShell(streams: {
  readonly stdin: Writable;
  readonly stdout: Readable;
}): GuestShell {
  let waiting:
    | { readonly lines: string[]; readonly settle: (status: number | undefined) => void }
    | undefined;
  let ended = false;
  let queue: Promise<unknown> = Promise.resolve();
  readLines(streams.stdout, (line) => {
    const status = endPattern.exec(line)?.[1];
    if (status === undefined) waiting?.lines.push(line);
    else waiting?.settle(Number(status));
  });
  streams.stdout.once("close", () => {
    ended = true;
    waiting?.settle(undefined);
  });
  streams.stdin.write(preamble);
  const runNow = (commands: string): Promise<ShellResult> =>
    new Promise((resolve, reject) => {
      const lost = (): void =>
        reject(new Error(`the guest's shell ended during ${JSON.stringify(commands)}`));
      if (ended) return lost();
      const lines: string[] = [];
      waiting = {
        lines,
        settle: (status) => {
          waiting = undefined;
          if (status === undefined) lost();
          else resolve({ status, output: lines.join("\n").trim() });
        },
      };
      streams.stdin.write(formatCommands(commands));
    });
  const run = (commands: string): Promise<ShellResult> => {
    const result = queue.then(() => runNow(commands));
    queue = result.catch(() => {});
    return result;
  };
  return {
    run,
    succeed: async (commands) => {
      const { status, output } = await run(commands);
      if (status === 0) return output;
      throw new Error(`${JSON.stringify(commands)} ended with status ${status} in the guest: ${output}`);
    },
    end: () => void streams.stdin.end("exit 0\n"),
  };
}

const endMark = "ukl-shell-end";
const endPattern = new RegExp(`^${endMark} (\\d+)$`);

/** The shell itself is nobody to be killed when memory runs out; what it starts is like any other. */
const preamble = "echo -1000 > /proc/self/oom_score_adj\n";

/** The mark begins a line of its own, whatever was written last. */
function formatCommands(commands: string): string {
  return [
    "(",
    "echo 0 > /proc/self/oom_score_adj",
    commands,
    ") < /dev/null 2>&1",
    `printf '\\n${endMark} %d\\n' $?`,
    "",
  ].join("\n");
}
