// SPDX-License-Identifier: Apache-2.0
/** Reads a file that grows, such as a machine's log. */

import { watch } from "node:fs";
import { open } from "node:fs/promises";

export interface FollowOptions {
  /** After this the file does not grow any more; resolved: read what is there. */
  readonly until: Promise<unknown>;
  readonly signal: AbortSignal;
  readonly write: (chunk: Uint8Array) => void;
}

/** Passes on what the file holds, and what comes to it until the end. @throws the reason of the aborted signal */
export async function followFile(file: string, { until, signal, write }: FollowOptions): Promise<void> {
  await using handle = await open(file);
  const buffer = Buffer.alloc(65_536);
  let wake = (): void => {};
  const watcher = watch(file, () => wake());
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort);
  let ended = false;
  void until.then(() => {
    ended = true;
    wake();
  });
  try {
    for (;;) {
      // Asked before the read: what comes in between is read in the next round.
      const last = ended;
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        write(Uint8Array.from(buffer.subarray(0, bytesRead)));
      }
      signal.throwIfAborted();
      if (last) return;
      if (!ended) await changed;
    }
  } finally {
    watcher.close();
    signal.removeEventListener("abort", onAbort);
  }
}
