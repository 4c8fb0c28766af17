// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { formatRequest, parseReply, RedisError } from "./parse-reply.js";

const parse = (text: string) => parseReply(Buffer.from(text));

describe("parseReply", () => {
  test.each([
    ["+OK\r\n", "OK"],
    [":-3\r\n", -3],
    ["$5\r\nhello\r\n", "hello"],
    ["$4\r\na\r\nb\r\n", "a\r\nb"],
    ["$2\r\n\u00e4\r\n", "\u00e4"],
    ["$0\r\n\r\n", ""],
    ["$-1\r\n", null],
    ["*2\r\n:1\r\n$1\r\nx\r\n", [1, "x"]],
    ["-ERR no\r\n", new RedisError("ERR no")],
  ])("reads %j", (text, reply) => {
    expect(parse(text)).toEqual({ reply, end: Buffer.byteLength(text) });
  });

  test("waits for the rest of every beginning", () => {
    const text = "*2\r\n$3\r\nabc\r\n:12\r\n";
    for (let length = 0; length < text.length; length++) expect(parse(text.slice(0, length))).toBeUndefined();
  });

  test("goes on where the last one ended", () => {
    const bytes = Buffer.from("+OK\r\n:7\r\n");
    expect(parseReply(bytes, 5)).toEqual({ reply: 7, end: 9 });
  });

  test.each(["hello\r\n", "$1\r\nabc\r\n", ":x\r\n"])("refuses %j", (text) => {
    expect(() => parse(text)).toThrow();
  });
});

test("formatRequest counts bytes, not characters", () => {
  expect(formatRequest(["SET", "\u00e4"])).toBe("*2\r\n$3\r\nSET\r\n$2\r\n\u00e4\r\n");
});
