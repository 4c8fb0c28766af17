// SPDX-License-Identifier: Apache-2.0
/** Redis's protocol, version 2: requests are arrays of strings, and these are the replies. */

export type Reply = string | number | null | RedisError | readonly Reply[];

/** What the server refused, in its words: an answer, not an exception. */
export class RedisError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }

  toString(): string {
    return `the error "${this.message}"`;
  }
}

export interface ParsedReply {
  readonly reply: Reply;
  /** Where the next one begins. */
  readonly end: number;
}

/**
 * The reply that begins at an offset; undefined while it is not complete.
 *
 * @throws Error for what is no reply
 */
export function parseReply(bytes: Buffer, start = 0): ParsedReply | undefined {
  const lineEnd = bytes.indexOf("\r\n", start);
  if (lineEnd < 0) return undefined;
  const kind = String.fromCharCode(bytes[start] ?? 0);
  const text = bytes.toString("latin1", start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (kind) {
    case "+":
      return { reply: text, end };
    case "-":
      return { reply: new RedisError(text), end };
    case ":":
      return { reply: toInteger(text), end };
    case "$":
      return parseBulk(bytes, end, toInteger(text));
    case "*":
      return parseArray(bytes, end, toInteger(text));
    default:
      throw new Error(`it answered ${JSON.stringify(bytes.toString("latin1", start, lineEnd).slice(0, 80))}`);
  }
}

export function formatRequest(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

function parseBulk(bytes: Buffer, start: number, length: number): ParsedReply | undefined {
  if (length === -1) return { reply: null, end: start };
  const end = start + length;
  if (bytes.length < end + 2) return undefined;
  if (bytes.toString("latin1", end, end + 2) !== "\r\n") throw new Error("its answer is longer than it said");
  return { reply: bytes.toString("utf8", start, end), end: end + 2 };
}

function parseArray(bytes: Buffer, start: number, length: number): ParsedReply | undefined {
  const items: Reply[] = [];
  let end = start;
  for (let index = 0; index < length; index++) {
    const item = parseReply(bytes, end);
    if (item === undefined) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}

function toInteger(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`it answered "${text}" where a number belongs`);
  return Number(text);
}
