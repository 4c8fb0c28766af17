// SPDX-License-Identifier: Apache-2.0
/** Connects our standard streams with a machine's. */

import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Machine } from "../vm/machine.js";
import type { StdioMode } from "../vm/qemu-arguments.js";

/** A terminal when ours is one in both directions; otherwise pipes, which keep output and errors apart. */
export function chooseStdio(): StdioMode {
  return process.stdin.isTTY === true && process.stdout.isTTY === true ? "terminal" : "pipes";
}

/** Ctrl-D at a terminal is a byte for the guest's terminal, not the end of a stream. */
const endOfInput = "\x04";

/** Copies until the machine's output ends; resolves then, when all of it has been written. */
export async function attachStreams(machine: Machine, stdio: StdioMode): Promise<void> {
  const { stdin, stdout, stderr } = machine;
  if (stdin !== undefined) {
    process.stdin.pipe(stdin, { end: stdio === "pipes" });
    if (stdio === "terminal") process.stdin.on("end", () => stdin.write(endOfInput));
  }
  await Promise.all([copy(stdout, process.stdout), copy(stderr, process.stderr)]);
  process.stdin.unpipe();
  process.stdin.pause();
}

async function copy(from: Readable | undefined, to: NodeJS.WriteStream): Promise<void> {
  if (from === undefined) return;
  from.pipe(to, { end: false });
  // A machine that is killed cuts its streams off.
  await finished(from, { writable: false }).catch(() => {});
}
