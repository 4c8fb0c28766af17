// SPDX-License-Identifier: MIT
/** "ukl:http": an HTTP/1.1 server. */

import type { Handler, Request, Response, ServeOptions, Server } from "ukl:http";
import { decode } from "ukl:native";
import type { Connection, Listener } from "ukl:net";
import { ByteReader } from "./byte-reader.js";
import { describeError, fail } from "./describe-error.js";
import { RequestBody } from "./http-body.js";
import { HttpError } from "./http-error.js";
import { parseHead, type RequestHead } from "./http-head.js";
import { type FormattedResponse, formatResponse, sendResponse } from "./http-response.js";
import { listen } from "./net.js";
import { SystemError } from "./system-error.js";

export { HttpError };

export function serve(options: ServeOptions, handler: Handler): Server {
  const listener = listen(options);
  const settings = { maxBodyBytes: 2 ** 20, idleTimeoutMs: 60_000, ...options, handler };
  const open = new Set<Conversation>();
  const accepting = acceptAll(listener, (connection) => {
    const conversation = new Conversation(connection, settings);
    open.add(conversation);
    void conversation.run().finally(() => open.delete(conversation));
  });
  accepting.catch(fail);
  return {
    address: listener.address,
    close: async () => {
      listener.close();
      await Promise.all(Array.from(open, (conversation) => conversation.finish()));
    },
  };
}

export function json(value: unknown, response: Omit<Response, "body"> = {}): Response {
  const headers = { "content-type": "application/json", ...response.headers };
  return { ...response, headers, body: `${JSON.stringify(value)}\n` };
}

async function acceptAll(listener: Listener, use: (connection: Connection) => void): Promise<void> {
  for (;;) {
    try {
      const connection = await listener.accept();
      if (connection === undefined) return;
      use(connection);
    } catch (error) {
      if (!(error instanceof SystemError) || !outOfResources.has(error.code)) throw error;
      // They wait in the backlog until others have left.
      await new Promise<void>((resolve) => void setTimeout(resolve, 100));
    }
  }
}

const outOfResources = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

const maxHeadBytes = 16384;

/** How much of a body that nobody wants is taken, so that the client gets to read the answer. */
const maxUnwantedBytes = 2 ** 20;
const lingerMs = 2_000;

interface Settings extends Required<Pick<ServeOptions, "maxBodyBytes" | "idleTimeoutMs">> {
  readonly handler: Handler;
}

/** The requests of one connection, one after the other. */
class Conversation {
  readonly #connection: Connection;
  readonly #settings: Settings;
  readonly #reader: ByteReader;
  #timer: number | undefined;
  #busy = false;
  #ending = false;
  #ended: Promise<void> = Promise.resolve();
  /** The last request, for messages. */
  #subject = "";

  constructor(connection: Connection, settings: Settings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#reader = new ByteReader({
      read: () => {
        this.#expectProgress();
        return connection.read();
      },
    });
  }

  run(): Promise<void> {
    this.#ended = this.#converse();
    return this.#ended;
  }

  /** Resolves when what has been asked is answered. */
  finish(): Promise<void> {
    this.#ending = true;
    if (!this.#busy) this.#connection.close();
    return this.#ended;
  }

  async #converse(): Promise<void> {
    try {
      while (await this.#answerNext());
      await this.#linger();
    } catch (error) {
      // The client is gone, or took too long: there is nobody left to tell. Or what the response is made from has failed.
      if (!(error instanceof SystemError)) console.error(`${this.#subject}: ${describeError(error)}`);
    } finally {
      clearTimeout(this.#timer);
      this.#connection.close();
    }
  }

  /** Whatever waits for the client waits no longer than this. */
  #expectProgress(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connection.close(), this.#settings.idleTimeoutMs);
  }

  /** Returns whether another one may follow. */
  async #answerNext(): Promise<boolean> {
    let head: RequestHead | undefined;
    try {
      head = await this.#readHead();
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      await this.#send(formatResponse({ method: "GET", keepAlive: false }, respondTo(error)));
      return false;
    }
    if (head === undefined) return false;
    this.#busy = true;
    this.#subject = `${head.method} ${head.target}`;
    const response = await this.#ask(head, this.#makeBody(head));
    await this.#send(response);
    this.#busy = false;
    return response.keepAlive && !this.#ending;
  }

  async #readHead(): Promise<RequestHead | undefined> {
    const bytes = await this.#reader.readBefore("\r\n\r\n", maxHeadBytes);
    if (bytes === undefined) return undefined;
    if (bytes === "too long") throw new HttpError(431);
    // An empty line before a request is a habit of old clients.
    return parseHead(decode(bytes).replace(/^(\r\n)+/, ""));
  }

  #makeBody({ length, expectsContinue }: RequestHead): RequestBody {
    return new RequestBody({
      reader: this.#reader,
      length,
      maxBytes: this.#settings.maxBodyBytes,
      onStart: async () => {
        if (expectsContinue) await this.#connection.write("HTTP/1.1 100 Continue\r\n\r\n");
      },
    });
  }

  async #ask(head: RequestHead, body: RequestBody): Promise<FormattedResponse> {
    // The handler takes as long as it takes.
    clearTimeout(this.#timer);
    const { method, target, path, query, headers } = head;
    const request: Request = { method, target, path, query, headers, remote: this.#connection.remote, body };
    const format = (response: Response): FormattedResponse =>
      formatResponse({ method, keepAlive: head.keepAlive && body.isRead && !this.#ending }, response);
    try {
      return format(await this.#settings.handler(request));
    } catch (error) {
      if (error instanceof HttpError) return format(respondTo(error));
      console.error(`${this.#subject}: ${describeError(error)}`);
      return format(respondTo(new HttpError(500)));
    }
  }

  async #send(response: FormattedResponse): Promise<void> {
    this.#expectProgress();
    await sendResponse(this.#connection, response, () => this.#expectProgress());
  }

  /** To close while something is unread would take the answer back. */
  async #linger(): Promise<void> {
    this.#connection.end();
    const timer = setTimeout(() => this.#connection.close(), lingerMs);
    try {
      for (let left = maxUnwantedBytes; left > 0; ) {
        const piece = await this.#connection.read();
        if (piece === undefined) return;
        left -= piece.length;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

function respondTo({ status, message }: HttpError): Response {
  return { status, body: `${message}\n` };
}
