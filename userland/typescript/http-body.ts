// SPDX-License-Identifier: MIT
/** The body of a request, read as the handler asks for it. */

import type { Body } from "ukl:http";
import { decode } from "ukl:native";
import type { ByteReader } from "./byte-reader.js";
import { HttpError } from "./http-error.js";

export interface BodySource {
  readonly reader: ByteReader;
  /** Undefined: in chunks. */
  readonly length: number | undefined;
  readonly maxBytes: number;
  /** Called once, before the first byte is waited for. */
  readonly onStart: () => Promise<void>;
}

export class RequestBody implements Body {
  readonly #source: BodySource;
  #state: "unread" | "reading" | "read";

  constructor(source: BodySource) {
    this.#source = source;
    this.#state = source.length === 0 ? "read" : "unread";
  }

  /** Whether everything of it has been taken from the connection. */
  get isRead(): boolean {
    return this.#state === "read";
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { reader, length, maxBytes, onStart } = this.#source;
    if (length === 0) return;
    if (this.#state !== "unread") throw new TypeError("The body has been read already");
    this.#state = "reading";
    if (length !== undefined && length > maxBytes) throw new HttpError(413);
    await onStart();
    yield* length === undefined ? readChunks(reader, maxBytes) : readLength(reader, length);
    this.#state = "read";
  }

  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of this) {
      pieces.push(piece);
      length += piece.length;
    }
    const bytes = new Uint8Array(length);
    let place = 0;
    for (const piece of pieces) {
      bytes.set(piece, place);
      place += piece.length;
    }
    return bytes;
  }

  async text(): Promise<string> {
    return decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new HttpError(400, `The body is no JSON: ${(error as Error).message}`);
    }
  }
}

async function* readLength(reader: ByteReader, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = length; left > 0; ) {
    const piece = await reader.readSome(left);
    if (piece === undefined) throw cutShort();
    left -= piece.length;
    yield piece;
  }
}

const maxLineBytes = 4096;

async function* readChunks(
  reader: ByteReader,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for (;;) {
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(await readLine(reader))?.[1];
    if (size === undefined) throw new HttpError(400, "The size of a chunk is malformed");
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    total += length;
    if (total > maxBytes) throw new HttpError(413);
    yield* readLength(reader, length);
    if ((await readLine(reader)) !== "") throw new HttpError(400, "A chunk does not end where it should");
  }
  // Fields may follow, which nobody has asked for.
  let left = maxTrailers;
  while ((await readLine(reader)) !== "") if (left-- === 0) throw new HttpError(431);
}

const maxTrailers = 32;

async function readLine(reader: ByteReader): Promise<string> {
  const line = await reader.readBefore("\r\n", maxLineBytes);
  if (line === undefined) throw cutShort();
  if (line === "too long") throw new HttpError(400, "A line is too long");
  return decode(line);
}

function cutShort(): HttpError {
  return new HttpError(400, "The body is cut short");
}
