// SPDX-License-Identifier: Apache-2.0
/** Lines of a stream as they become complete. (readline turns an error of its input into an uncaught one.) */

import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Calls back with each line without its end ("\n" or "\r\n"), and with what is left when the stream ends. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  });
  stream.once("close", () => {
    if (rest !== "") onLine(rest);
  });
}
