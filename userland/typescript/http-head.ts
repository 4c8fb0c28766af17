// SPDX-License-Identifier: MIT
/** The head of a request: RFC 9112, and strict, because what two servers read differently is how requests are smuggled. */

import { HttpError } from "./http-error.js";
import { isFieldName, isFieldValue } from "./http-fields.js";

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the body that follow; undefined when it comes in chunks. */
  readonly length: number | undefined;
  /** Whether the connection may be used again. */
  readonly keepAlive: boolean;
  /** Whether the client wants to be told before it sends the body. */
  readonly expectsContinue: boolean;
}

/**
 * @param text without the empty line at its end
 * @throws HttpError 400, 417, 501 or 505
 */
export function parseHead(text: string): RequestHead {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method = "", target = "", major = "", minor = ""] = requestLine.exec(first) ?? [];
  if (method === "") throw new HttpError(400, "The request line is malformed");
  if (major !== "1") throw new HttpError(505);
  const headers = parseFields(lines);
  if (minor !== "0" && !headers.has("host")) throw new HttpError(400, "There is no Host field");
  const expectation = headers.get("expect")?.toLowerCase();
  if (expectation !== undefined && expectation !== "100-continue") throw new HttpError(417);
  return {
    ...{ method, target, headers },
    ...splitTarget(target),
    length: findLength(headers, minor),
    keepAlive: staysOpen(headers, minor),
    expectsContinue: expectation !== undefined && minor !== "0",
  };
}

const requestLine = /^([A-Z][A-Z0-9_]*) ([^\s\p{Cc}]+) HTTP\/(\d)\.(\d)$/u;

function parseFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:]*):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (!isFieldName(name) || !isFieldValue(value)) throw new HttpError(400, "A header field is malformed");
    const key = name.toLowerCase();
    const before = headers.get(key);
    if (before !== undefined && key === "host") throw new HttpError(400, "There is more than one Host field");
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function findLength(headers: ReadonlyMap<string, string>, minor: string): number | undefined {
  const [coding, length] = [headers.get("transfer-encoding"), headers.get("content-length")];
  if (coding !== undefined) {
    // Both together, or an old client with chunks, is somebody who tries what happens.
    if (length !== undefined || minor === "0")
      throw new HttpError(400, "The length of the body is ambiguous");
    if (coding.toLowerCase() !== "chunked") throw new HttpError(501);
    return undefined;
  }
  if (length === undefined) return 0;
  if (!/^\d{1,15}$/.test(length)) throw new HttpError(400, "Content-Length is not a number");
  return Number(length);
}

function staysOpen(headers: ReadonlyMap<string, string>, minor: string): boolean {
  const words = (headers.get("connection") ?? "").toLowerCase().split(/\s*,\s*/);
  return minor === "0" ? words.includes("keep-alive") : !words.includes("close");
}

function splitTarget(target: string): Pick<RequestHead, "path" | "query"> {
  const relative = target.replace(/^https?:\/\/[^/?#]*/i, "") || "/";
  const start = relative.indexOf("?");
  const path = decode(start < 0 ? relative : relative.slice(0, start));
  const query = new Map<string, string>();
  for (const pair of start < 0 ? [] : relative.slice(start + 1).split("&")) {
    const [name = "", ...value] = pair.split("=").map((part) => decode(part.replaceAll("+", " ")));
    if (pair !== "" && !query.has(name)) query.set(name, value.join("="));
  }
  return { path, query };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, "The target is not encoded correctly");
  }
}
