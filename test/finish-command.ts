// SPDX-License-Identifier: Apache-2.0
/** Waits for a command that was started with pipes. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface CommandEnd {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Gives a command its input and waits for its end. */
export async function finishCommand(child: ChildProcess, input = ""): Promise<CommandEnd> {
  child.stdin?.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "exit"),
  ]);
  return { status: status as number, stdout, stderr };
}
