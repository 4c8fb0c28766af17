// SPDX-License-Identifier: MIT
/** "ukl:net": TCP. */

import * as os from "quickjs:os";
import * as native from "ukl:native";
import type { Address, Connection, ConnectOptions, Listener, ListenOptions } from "ukl:net";
import { stopWaiting, takeTurns, waitFor, watchDescriptor } from "./poll.js";
import { expectResult, SystemError } from "./system-error.js";
import { encodeText } from "./utf8.js";

export { SystemError };

export async function connect(options: ConnectOptions): Promise<Connection> {
  const { host = "127.0.0.1", port, timeoutMs } = options;
  let failure: unknown;
  for (const address of resolve(host)) {
    try {
      return await connectTo(address, port, timeoutMs);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

export function listen(options: ListenOptions): Listener {
  const { port, host = "0.0.0.0", backlog = 511 } = options;
  const fd = expectResult(native.listen(host, port, backlog), "listen", `${host}:${port}`);
  return new TcpListener(new Socket(fd));
}

function resolve(host: string): readonly string[] {
  const found = native.resolve(host);
  if (typeof found === "string") throw new Error(`Cannot find the host "${host}": ${found}`);
  return found;
}

async function connectTo(host: string, port: number, timeoutMs: number | undefined): Promise<Connection> {
  const name = `${host}:${port}`;
  const socket = new Socket(expectResult(native.connect(host, port), "connect", name));
  let late = false;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          socket.close();
        }, timeoutMs);
  try {
    await socket.wait("write");
    if (late) throw new SystemError(native.ETIMEDOUT, "connect", name);
    expectResult(native.socketError(socket.use("connect")), "connect", name);
    return new TcpConnection(socket);
  } catch (error) {
    socket.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A descriptor that is closed once. */
class Socket {
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    watchDescriptor(fd);
  }

  /** @throws SystemError EBADF when it is closed */
  use(action: string): number {
    if (this.#fd === undefined) throw new SystemError(native.EBADF, action);
    return this.#fd;
  }

  async wait(way: "read" | "write"): Promise<void> {
    if (this.#fd !== undefined) await waitFor(this.#fd, way);
  }

  close(): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#fd = undefined;
    stopWaiting(fd);
    os.close(fd);
  }
}

/** Every read is into this one; what was read is copied out of it. */
const buffer = new Uint8Array(65536);

class TcpConnection implements Connection {
  readonly local: Address;
  readonly remote: Address;
  readonly #socket: Socket;
  /** The last write that was begun, which the next one follows. */
  #written: Promise<void> = Promise.resolve();

  constructor(socket: Socket) {
    this.#socket = socket;
    this.local = addressOf(socket.use("address"), false);
    this.remote = addressOf(socket.use("address"), true);
  }

  async read(): Promise<Uint8Array | undefined> {
    await takeTurns();
    for (;;) {
      const count = native.receive(this.#socket.use("read"), buffer);
      if (count > 0) return buffer.slice(0, count);
      if (count === 0) return undefined;
      if (count === -native.EAGAIN) await this.#socket.wait("read");
      else if (count !== -native.EINTR) expectResult(count, "read");
    }
  }

  write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encodeText(data) : data;
    const written = this.#written.then(() => this.#send(bytes));
    // Whoever wrote hears of it; the next write fails by itself.
    this.#written = written.catch(() => {});
    return written;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    await takeTurns();
    for (let sent = 0; sent < bytes.length; ) {
      const count = native.send(this.#socket.use("write"), bytes, sent);
      if (count >= 0) sent += count;
      else if (count === -native.EAGAIN) await this.#socket.wait("write");
      else if (count !== -native.EINTR) expectResult(count, "write");
    }
  }

  end(): void {
    // After what is being written.
    this.#written = this.#written.then(() => {
      native.shutdown(this.#socket.use("end"));
    });
    this.#written.catch(() => {});
  }

  close(): void {
    this.#socket.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let piece = await this.read(); piece !== undefined; piece = await this.read()) yield piece;
  }
}

class TcpListener implements Listener {
  readonly address: Address;
  readonly #socket: Socket;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.address = addressOf(socket.use("listen"), false);
  }

  async accept(): Promise<Connection | undefined> {
    await takeTurns();
    while (!this.#closed) {
      const fd = native.accept(this.#socket.use("accept"));
      if (fd >= 0) return new TcpConnection(new Socket(fd));
      if (fd === -native.EAGAIN) await this.#socket.wait("read");
      // A client that is gone again is nobody's loss.
      else if (fd !== -native.EINTR && fd !== -native.ECONNABORTED) expectResult(fd, "accept");
    }
    return undefined;
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Connection, void, undefined> {
    for (let next = await this.accept(); next !== undefined; next = await this.accept()) yield next;
  }
}

function addressOf(fd: number, ofPeer: boolean): Address {
  const address = native.address(fd, ofPeer);
  if (typeof address === "number") throw new SystemError(-address, "address");
  const [host, port] = address;
  return { host, port };
}
