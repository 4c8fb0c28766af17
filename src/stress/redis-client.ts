// SPDX-License-Identifier: Apache-2.0
/** One connection to Redis, for whoever wants to know what exactly it answers. */

import { once } from "node:events";
import { createConnection } from "node:net";
import { formatRequest, parseReply, type Reply } from "./parse-reply.js";

export interface RedisClient extends Disposable {
  /**
   * Sends a command and returns the answer.
   *
   * @throws Error when the connection ends, nothing comes in time, or what comes is no answer
   */
  send(...words: readonly string[]): Promise<Reply>;
}

/** A server that says nothing for so long hangs, even on a host that emulates it and is busy. */
export const answerTimeoutMs = 90_000;

/** @throws the system's error when nobody listens */
export async function connectRedis(port: number): Promise<RedisClient> {
  const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  let failure: Error | undefined;
  let bytes: Buffer = Buffer.alloc(0);
  const fail = (error: Error): void => {
    failure ??= error;
    socket.destroy();
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  socket.on("error", (error) => fail(new Error(`the connection failed: ${error.message}`)));
  socket.once("close", () => fail(new Error("the connection was closed")));
  socket.on("data", (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    try {
      bytes = takeReplies(bytes, (reply) => waiting.shift()?.resolve(reply));
    } catch (error) {
      fail(error as Error);
    }
  });
  return {
    send: (...words) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        const timer = setTimeout(
          () => fail(new Error(`no answer to ${words[0]} after ${answerTimeoutMs / 1_000} s`)),
          answerTimeoutMs,
        );
        waiting.push({
          resolve: (reply) => {
            clearTimeout(timer);
            resolve(reply);
          },
          reject: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        });
        socket.write(formatRequest(words));
      }),
    [Symbol.dispose]: () => {
      failure ??= new Error("the connection was closed by us");
      socket.destroy();
    },
  };
}

/** Returns what is left. */
function takeReplies(bytes: Buffer, onReply: (reply: Reply) => void): Buffer {
  let start = 0;
  for (let parsed = parseReply(bytes); parsed !== undefined; parsed = parseReply(bytes, start)) {
    start = parsed.end;
    onReply(parsed.reply);
  }
  return bytes.subarray(start);
}
