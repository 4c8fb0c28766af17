// SPDX-License-Identifier: Apache-2.0
/** The file that holds what a command printed, appended to by every command of a build. */

import { createWriteStream, type WriteStream } from "node:fs";
import path from "node:path";
import { finished } from "node:stream/promises";
import { makeDirectory } from "./make-directory.js";

export interface CommandLog {
  write(text: string): void;
  /** Flushes and closes; rejects with the first error of any write. */
  close(): Promise<void>;
}

/** Opens a log file for appending, with its directory; without a file, a log that forgets. */
export async function openCommandLog(file: string | undefined): Promise<CommandLog> {
  if (file === undefined) return { write: () => {}, close: async () => {} };
  await makeDirectory(path.dirname(file));
  return new FileLog(createWriteStream(file, { flags: "a" }));
}

class FileLog implements CommandLog {
  readonly #stream: WriteStream;
  readonly #finished: Promise<void>;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.#finished = finished(stream);
    // The error is reported by close(); until then nobody awaits it.
    this.#finished.catch(() => {});
  }

  write(text: string): void {
    if (!this.#stream.destroyed) this.#stream.write(text);
  }

  close(): Promise<void> {
    this.#stream.end();
    return this.#finished;
  }
}
