// SPDX-License-Identifier: MIT
/** What the runtime itself is written with: native.c, and the parts of QuickJS's own modules that it uses. */

/** A function that fails returns a negative errno. */
declare module "ukl:native" {
  export const EAGAIN: number;
  export const EBADF: number;
  export const ECONNABORTED: number;
  export const EINTR: number;
  export const ENOENT: number;
  export const ETIMEDOUT: number;
  export const SIGHUP: number;
  export const SIGINT: number;
  export const SIGTERM: number;
  export const SIGUSR1: number;
  export const SIGUSR2: number;

  export function listen(address: string, port: number, backlog: number): number;
  /** What becomes of it: `socketError` when the socket can be written to. */
  export function connect(address: string, port: number): number;
  export function accept(fd: number): number;
  export function socketError(fd: number): number;
  export function receive(fd: number, into: Uint8Array): number;
  export function send(fd: number, bytes: Uint8Array, offset: number): number;
  export function shutdown(fd: number): number;
  export function address(fd: number, ofPeer: boolean): [host: string, port: number] | number;
  /** Addresses, or the reason why there are none. */
  export function resolve(host: string): string[] | string;

  export function openPoll(): number;
  export function watch(poll: number, fd: number): number;
  /** Does not wait: [fd, 1 to read | 2 to write, fd, …]. */
  export function takeEvents(poll: number): number[];

  /** Returns what takeSignal reads; `fd` is what it returned before, or -1. */
  export function catchSignal(fd: number, signal: number): number;
  export function takeSignal(fd: number): number;

  export function sync(fd: number): number;
  /** UTF-8. */
  export function encode(text: string): ArrayBuffer;
  export function decode(bytes: Uint8Array): string;
  export function errorName(errno: number): string;
  export function programArguments(): string[];
  export function sourceMap(): string;
  /** Called when a promise is rejected without a handler, and when it gets one after all. */
  export function onRejection(handler: (promise: object, reason: unknown, isHandled: boolean) => void): void;
}

declare module "quickjs:os" {
  export const O_RDONLY: number;
  export const O_WRONLY: number;
  export const O_APPEND: number;
  export const O_CREAT: number;
  export const O_TRUNC: number;
  export const S_IFMT: number;
  export const S_IFDIR: number;
  export const S_IFREG: number;

  export function setTimeout(callback: () => void, delayMs: number): number;
  export function clearTimeout(timer: number): void;
  export function setReadHandler(fd: number, handler: (() => void) | null): void;
  export function now(): number;

  export function open(path: string, flags: number, mode?: number): number;
  export function close(fd: number): number;
  export function read(fd: number, buffer: ArrayBuffer, offset: number, length: number): number;
  export function write(fd: number, buffer: ArrayBuffer, offset: number, length: number): number;
  export function stat(path: string): [FileStatus | null, errno: number];
  export function readdir(path: string): [string[], errno: number];
  export function mkdir(path: string, mode?: number): number;
  export function remove(path: string): number;
  export function rename(from: string, to: string): number;

  export interface FileStatus {
    readonly mode: number;
    readonly size: number;
    readonly mtime: number;
  }
}

declare module "quickjs:std" {
  export function exit(status: number): never;
  export function getenviron(): Record<string, string>;
  export function strerror(errno: number): string;
  export const out: OutputFile;
  export const err: OutputFile;

  export interface OutputFile {
    puts(text: string): void;
    flush(): void;
  }
}
