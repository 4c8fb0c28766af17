// SPDX-License-Identifier: MIT
/**
 * What a TypeScript application of Unikernel Linux can use besides the language itself (ES2023): four modules, and a few
 * globals. Name this file in tsconfig.json, under "files" or "include"; with "lib": ["es2023", "esnext.disposable"] and
 * "types": [], so that nothing is declared that is not there.
 */

/** Files. Each call holds up everything else until it is done, as long as the device takes. */
declare module "ukl:fs" {
  export { SystemError } from "ukl:process";

  /** @throws SystemError ENOENT, EACCES, EISDIR … like all of these */
  export function readFile(path: string): Uint8Array;
  /** As UTF-8. */
  export function readTextFile(path: string): string;
  /** Makes the file if there is none, and replaces what is in it. A string is written as UTF-8. */
  export function writeFile(path: string, data: string | Uint8Array, options?: WriteOptions): void;
  /**
   * Replaces a file as a whole, or not at all, whatever happens meanwhile, power cuts included: it is written beside its
   * place, brought to the disk, and renamed.
   */
  export function replaceFile(path: string, data: string | Uint8Array): void;
  /** Names, sorted, without "." and "..". */
  export function readDirectory(path: string): string[];
  /** Makes a directory, and those above it; one that is there already is no error. */
  export function makeDirectory(path: string): void;
  /** A file, or an empty directory. */
  export function remove(path: string): void;
  /** Replaces what has the new name. */
  export function rename(from: string, to: string): void;
  /** Undefined when there is no such file. */
  export function findStatus(path: string): FileStatus | undefined;

  export interface WriteOptions {
    /** Add to the end instead. */
    readonly append?: boolean;
    /** Return when it is on the disk. */
    readonly sync?: boolean;
  }

  export interface FileStatus {
    readonly kind: "file" | "directory" | "other";
    readonly sizeBytes: number;
    /** Milliseconds since 1970. */
    readonly modifiedAt: number;
  }
}

/** TCP. Whoever does not read holds up the sender, and nobody else; `write` waits until the kernel has taken everything. */
declare module "ukl:net" {
  export { SystemError } from "ukl:process";

  /**
   * Opens a connection.
   *
   * @throws SystemError ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH …
   */
  export function connect(options: ConnectOptions): Promise<Connection>;

  export interface ConnectOptions {
    /** A name or an address; default "127.0.0.1". Looking up a name holds up everything else. */
    readonly host?: string;
    readonly port: number;
    /** Default: the kernel's, which is minutes. */
    readonly timeoutMs?: number;
  }

  /**
   * Listens.
   *
   * @throws SystemError EADDRINUSE, EACCES …
   */
  export function listen(options: ListenOptions): Listener;

  export interface ListenOptions {
    /** 0 for one that is free. */
    readonly port: number;
    /** An address of this machine; default "0.0.0.0", which is all of IPv4. "::" is all. */
    readonly host?: string;
    /** How many may wait to be accepted; default 511. */
    readonly backlog?: number;
  }

  export interface Listener extends AsyncIterable<Connection> {
    readonly address: Address;
    /** The next connection; undefined when the listener is closed. */
    accept(): Promise<Connection | undefined>;
    close(): void;
  }

  export interface Connection extends AsyncIterable<Uint8Array>, AsyncDisposable {
    readonly local: Address;
    readonly remote: Address;
    /**
     * What has arrived; waits when that is nothing. Undefined when the other side has ended.
     *
     * @throws SystemError ECONNRESET …; EBADF when it is closed here meanwhile
     */
    read(): Promise<Uint8Array | undefined>;
    /**
     * Sends everything, a string as UTF-8; resolves when the kernel has taken it. Do not change the bytes before.
     *
     * @throws SystemError EPIPE or ECONNRESET when the other side is gone
     */
    write(data: string | Uint8Array): Promise<void>;
    /** Nothing more will be written; reading goes on. */
    end(): void;
    /** More than once is no error. */
    close(): void;
  }

  export interface Address {
    readonly host: string;
    readonly port: number;
  }
}

/** An HTTP/1.1 server: connections that stay open, bodies in chunks, limits and time limits for everything. */
declare module "ukl:http" {
  import type { Address } from "ukl:net";

  /**
   * Starts a server.
   *
   * @throws what `listen` of "ukl:net" throws
   */
  export function serve(options: ServeOptions, handler: Handler): Server;

  /**
   * Answers a request. What it throws is answered with its status if it is an HttpError, otherwise with 500 and written to
   * the standard error.
   */
  export type Handler = (request: Request) => Response | Promise<Response>;

  export interface ServeOptions {
    readonly port: number;
    /** Default "0.0.0.0". */
    readonly host?: string;
    /** Default 1 MiB; more is answered with 413. */
    readonly maxBodyBytes?: number;
    /** How long a connection may do nothing; default a minute. */
    readonly idleTimeoutMs?: number;
  }

  export interface Server {
    readonly address: Address;
    /** Answers what has been asked, and nothing more. */
    close(): Promise<void>;
  }

  export interface Request {
    /** In capitals. */
    readonly method: string;
    /** As it was sent: "/tasks?done=1". */
    readonly target: string;
    /** Decoded, without the query: "/tasks". */
    readonly path: string;
    /** Decoded; the first of those that have the same name. */
    readonly query: ReadonlyMap<string, string>;
    /** Names in lower case; those that come more than once are joined with ", ". */
    readonly headers: ReadonlyMap<string, string>;
    readonly remote: Address;
    readonly body: Body;
  }

  /** Can be read once, in one of these ways. */
  export interface Body extends AsyncIterable<Uint8Array> {
    bytes(): Promise<Uint8Array>;
    /** As UTF-8. */
    text(): Promise<string>;
    /** @throws HttpError 400 when it is no JSON */
    json(): Promise<unknown>;
  }

  export interface Response {
    /** Default 200. */
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** What comes piece by piece is sent in chunks, as fast as the client takes it. */
    readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  }

  /** A response of JSON. */
  export function json(value: unknown, response?: Omit<Response, "body">): Response;

  /** Thrown by a handler: answered with the status, and the message as text. */
  export class HttpError extends Error {
    constructor(status: number, message?: string);
    readonly status: number;
  }
}

declare module "ukl:process" {
  /** Those after "--". */
  export const args: readonly string[];
  export const env: Readonly<Record<string, string>>;
  /** Ends the program at once. Without it, the program ends when nothing is left that could happen. */
  export function exit(status?: number): never;
  /**
   * Called each time that the signal comes, which then does nothing else; the program does not end by itself any more.
   * `ukl stop` sends SIGTERM.
   */
  export function onSignal(signal: Signal, handler: () => void): void;
  export type Signal = "SIGHUP" | "SIGINT" | "SIGTERM" | "SIGUSR1" | "SIGUSR2";
  /** The standard input. */
  export const stdin: AsyncIterable<Uint8Array>;
  /** An error with its stack in terms of the TypeScript source, its causes too; as console.error prints it. */
  export function describeError(error: unknown): string;

  /** What a system call failed with. */
  export class SystemError extends Error {
    constructor(errno: number, action: string, object?: string);
    /** "EADDRINUSE" */
    readonly code: string;
    readonly errno: number;
    /** What was tried: "listen". */
    readonly action: string;
  }
}

declare const console: {
  /** To the standard output: strings as they are, everything else as it would be written. */
  log(...values: readonly unknown[]): void;
  info(...values: readonly unknown[]): void;
  debug(...values: readonly unknown[]): void;
  /** To the standard error. */
  error(...values: readonly unknown[]): void;
  warn(...values: readonly unknown[]): void;
};

declare function setTimeout<Args extends unknown[]>(
  callback: (...args: Args) => void,
  delayMs?: number,
  ...args: Args
): number;
declare function setInterval<Args extends unknown[]>(
  callback: (...args: Args) => void,
  delayMs?: number,
  ...args: Args
): number;
declare function clearTimeout(timer: number | undefined): void;
declare function clearInterval(timer: number | undefined): void;
declare function queueMicrotask(callback: () => void): void;

declare const performance: {
  /** Milliseconds, with fractions, of a clock that nobody sets. */
  now(): number;
};

declare class TextEncoder {
  readonly encoding: "utf-8";
  encode(text?: string): Uint8Array;
}

/** UTF-8; what is none becomes U+FFFD. */
declare class TextDecoder {
  constructor(encoding?: "utf-8" | "utf8");
  readonly encoding: "utf-8";
  decode(bytes?: Uint8Array): string;
}
