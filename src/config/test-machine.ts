// SPDX-License-Identifier: Apache-2.0
/** The running machine, as an application's test sees it. */

import type { Writable } from "node:stream";

export interface TestMachine {
  /**
   * The port of this host, at 127.0.0.1, that leads to one of the application's ports.
   *
   * @throws when the configuration does not list it in `ports` or `udpPorts`
   */
  port(guestPort: number, protocol?: "tcp" | "udp"): number;
  /**
   * Runs a program of this host, a client for instance, and returns what it wrote to its standard output.
   *
   * @throws with what it wrote to its standard error when it fails
   */
  runClient(program: string, args: readonly string[], options?: ClientOptions): Promise<string>;
  /** What the application has written so far, to standard output and standard error. */
  readonly output: string;
  /**
   * Waits until the output has a text or matches an expression, and returns what it found.
   *
   * @throws when the output ends without it
   */
  waitForOutput(expected: string | RegExp): Promise<string>;
  /** The application's standard input. */
  readonly stdin: Writable;
  /** Sends a signal to the application. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** How the application ended. */
  readonly exited: Promise<TestExit>;
  /** Aborted when the test is over or its time is up, and on Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface ClientOptions {
  /** Written to its standard input, which is otherwise closed. */
  readonly input?: string | Uint8Array;
}

export interface TestExit {
  /** The application's own; 128+n after its death by signal n. */
  readonly status: number;
  readonly signal: NodeJS.Signals | undefined;
}
