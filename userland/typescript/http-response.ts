// SPDX-License-Identifier: MIT
/** The response as it is sent. */

import type { Response } from "ukl:http";
import type { Connection } from "ukl:net";
import { reasonOf } from "./http-error.js";
import { isFieldName, isFieldValue } from "./http-fields.js";
import { encodeText } from "./utf8.js";

export interface ResponseContext {
  /** Of the request. */
  readonly method: string;
  /** Whether another request may follow. */
  readonly keepAlive: boolean;
}

export interface FormattedResponse {
  readonly head: string;
  /** Undefined when it has none. */
  readonly body: Uint8Array | AsyncIterable<string | Uint8Array> | undefined;
  readonly keepAlive: boolean;
}

/** @throws TypeError when a header field cannot be sent */
export function formatResponse(
  { method, keepAlive }: ResponseContext,
  response: Response,
): FormattedResponse {
  const { status = 200, body = "", headers = {} } = response;
  const whole = typeof body === "string" ? encodeText(body) : body;
  const isEmpty = status === 204 || status === 304;
  const head = formatHead(status, {
    date: new Date().toUTCString(),
    ...(typeof body === "string" && body !== "" ? { "content-type": "text/plain; charset=utf-8" } : {}),
    ...lowerCase(headers),
    ...(isEmpty ? {} : describeLength(whole)),
    ...(keepAlive ? {} : { connection: "close" }),
  });
  return { head, keepAlive, body: isEmpty || method === "HEAD" ? undefined : whole };
}

/**
 * Sends it, as fast as the client takes it.
 *
 * @param onProgress called as each piece has gone out
 */
export async function sendResponse(
  connection: Pick<Connection, "write">,
  { head, body }: FormattedResponse,
  onProgress: () => void,
): Promise<void> {
  if (body === undefined) return connection.write(head);
  // In one piece, so that a small response is one segment.
  if (body instanceof Uint8Array) return connection.write(join(head, body));
  await connection.write(head);
  for await (const piece of body) {
    const bytes = typeof piece === "string" ? encodeText(piece) : piece;
    // An empty chunk would be the end.
    if (bytes.length > 0) await connection.write(join(`${bytes.length.toString(16)}\r\n`, bytes, "\r\n"));
    onProgress();
  }
  await connection.write("0\r\n\r\n");
}

type Fields = Readonly<Record<string, string>>;

function describeLength(body: Uint8Array | AsyncIterable<unknown>): Fields {
  return body instanceof Uint8Array
    ? { "content-length": String(body.length) }
    : { "transfer-encoding": "chunked" };
}

function lowerCase(headers: Fields): Fields {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function formatHead(status: number, headers: Fields): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    if (!isFieldName(name) || !isFieldValue(value))
      throw new TypeError(`the header field "${name}" cannot be sent`);
    return `${name}: ${value}\r\n`;
  });
  return `HTTP/1.1 ${status} ${reasonOf(status)}\r\n${lines.join("")}\r\n`;
}

function join(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const pieces = parts.map((part) => (typeof part === "string" ? encodeText(part) : part));
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    joined.set(piece, place);
    place += piece.length;
  }
  return joined;
}
