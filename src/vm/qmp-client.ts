// SPDX-License-Identifier: Apache-2.0
/** Speaks QMP, QEMU's control protocol: one JSON object a line, replies matched to commands by id. */

import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { readLines } from "./read-lines.js";

export interface QmpEvent {
  /** "SHUTDOWN", "RESET", "STOP", … */
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A command that QEMU refused, or a connection that ended before the reply; says what went over the wire last. */
export class QmpError extends Error {
  override readonly name = "QmpError";
}

/**
 * Takes over a connection to a QMP socket: waits for the greeting and leaves negotiation mode.
 *
 * @throws QmpError when the other end is not QEMU or closes
 */
export async function connectQmp(stream: Duplex): Promise<QmpClient> {
  const client = new QmpClient(stream);
  await client.greeting;
  await client.execute("qmp_capabilities");
  return client;
}

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: QmpError) => void;
}

const recentLines = 20;

export class QmpClient {
  /** Emits "event" with each QmpEvent. */
  readonly events = new EventEmitter<{ event: [QmpEvent] }>();
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  /** Resolves with QEMU's greeting. */
  readonly greeting: Promise<unknown>;

  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  readonly #recent: string[] = [];
  #lastId = 0;
  #open = true;

  constructor(stream: Duplex) {
    this.#stream = stream;
    // Greeting and replies are settled alike: the greeting is the reply to command 0.
    this.greeting = this.#expect(0, "connect");
    this.closed = new Promise((resolve) => {
      stream.once("close", () => {
        this.#failPending();
        resolve();
      });
    });
    // "close" follows, and tells everybody who waits.
    stream.on("error", (error) => this.#remember(`! ${error.message}`));
    readLines(stream, (line) => this.#receive(line));
  }

  /**
   * Sends one command.
   *
   * @returns what the command returns, an empty object for most
   * @throws QmpError
   */
  execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#lastId += 1;
    const reply = this.#expect(this.#lastId, command);
    if (this.#open) this.#send({ execute: command, arguments: args, id: this.#lastId });
    else this.#failPending();
    return reply;
  }

  /** Closes our end; what is pending is rejected. */
  close(): void {
    this.#stream.destroy();
  }

  #expect(id: number, command: string): Promise<unknown> {
    const reply = new Promise((resolve, reject) => this.#pending.set(id, { command, resolve, reject }));
    // Whoever executes a command may be gone when the connection ends.
    reply.catch(() => {});
    return reply;
  }

  #send(message: object): void {
    const line = JSON.stringify(message);
    this.#remember(`> ${line}`);
    this.#stream.write(`${line}\n`);
  }

  #receive(line: string): void {
    this.#remember(`< ${line}`);
    const message = parseMessage(line);
    if (message === undefined) this.#stream.destroy();
    else if (typeof message["event"] === "string")
      this.events.emit("event", { event: message["event"], data: asObject(message["data"]) });
    else this.#settle(message);
  }

  #settle(message: Readonly<Record<string, unknown>>): void {
    const id = "QMP" in message ? 0 : Number(message["id"]);
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (message["error"] === undefined) pending?.resolve(message["return"] ?? message["QMP"]);
    else pending?.reject(this.#error(pending.command, String(asObject(message["error"])["desc"])));
  }

  #failPending(): void {
    this.#open = false;
    for (const { command, reject } of this.#pending.values())
      reject(this.#error(command, "the connection has ended"));
    this.#pending.clear();
  }

  #error(command: string, reason: string): QmpError {
    const log = this.#recent.map((line) => `\n  ${line}`).join("");
    return new QmpError(`QMP command "${command}" failed: ${reason}${log}`);
  }

  #remember(line: string): void {
    this.#recent.push(line);
    if (this.#recent.length > recentLines) this.#recent.shift();
  }
}

function parseMessage(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
