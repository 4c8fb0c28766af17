// SPDX-License-Identifier: Apache-2.0
/**
 * The only place that starts processes. Each child leads a session and process group of
 * its own, so that it can be ended together with everything it started, and so that Ctrl-C
 * on the terminal reaches us alone and we decide the order. Whatever still runs when
 * this process exits is killed then, synchronously.
 */

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { buildEnvironment, type Environment } from "./environment.js";

/** Where one of the child's standard streams goes; a number is an open file descriptor. */
export type GroupStream = "ignore" | "pipe" | "inherit" | number;

export interface GroupRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the built environment. */
  readonly env?: Environment;
  /** Defaults: nothing to read, output ignored. */
  readonly stdin?: GroupStream;
  readonly stdout?: GroupStream;
  readonly stderr?: GroupStream;
  /** Open files that the child gets as well, from `firstInheritedFd` on. */
  readonly inherit?: readonly number[];
  /** Lives on after this process (a detached machine); its streams must not be pipes. */
  readonly outlive?: boolean;
  /** Stays in our session, for a child that asks on the terminal (sudo): only the child itself can then be signalled. */
  readonly foreground?: boolean;
}

export interface GroupExit {
  /** The exit status; 128+n after death by signal n. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
}

export interface ProcessGroup extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Resolves when the leader has ended and the rest of its group has been killed; never rejects. */
  readonly exited: Promise<GroupExit>;
  /** Sends a signal to the whole group; false when it is gone. */
  signal(signal: NodeJS.Signals): boolean;
  /** SIGTERM to the group, SIGKILL after `graceMs` (default 2000); resolves when it has ended. */
  stop(graceMs?: number): Promise<GroupExit>;
}

/** The child's number for the first file of `inherit`. */
export const firstInheritedFd = 3;

/**
 * Starts a process in its own group.
 *
 * @throws the system's error (ENOENT, EACCES, …) when the program cannot be started
 */
export async function spawnGroup(request: GroupRequest): Promise<ProcessGroup> {
  const stdio: StdioOptions = [
    request.stdin ?? "ignore",
    request.stdout ?? "ignore",
    request.stderr ?? "ignore",
    ...(request.inherit ?? []),
  ];
  const child = spawn(request.file, request.args, {
    cwd: request.cwd,
    env: buildEnvironment(request.env),
    detached: request.foreground !== true,
    stdio,
  });
  const ended = new Promise<GroupExit>((resolve) => {
    child.once("exit", (code, signal) => resolve(groupExit(code, signal)));
  });
  await once(child, "spawn");
  return new SpawnedGroup(child, ended, request);
}

class SpawnedGroup implements ProcessGroup {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly exited: Promise<GroupExit>;
  /** What kill(2) takes: the negated group, or the child alone. */
  readonly #target: number;
  readonly #outlive: boolean;

  constructor(child: ChildProcess, ended: Promise<GroupExit>, request: GroupRequest) {
    this.pid = child.pid as number;
    this.stdin = child.stdin;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.#target = request.foreground === true ? this.pid : -this.pid;
    this.#outlive = request.outlive === true;
    // A child that dies before it has read its input is an exit status, not an exception of ours.
    child.stdin?.on("error", () => {});
    if (this.#outlive) child.unref();
    else killAtExit(this);
    this.exited = ended.then((exit) => {
      liveGroups.delete(this);
      if (!this.#outlive && request.foreground !== true) this.signal("SIGKILL");
      return exit;
    });
  }

  signal(signal: NodeJS.Signals): boolean {
    try {
      return process.kill(this.#target, signal);
    } catch {
      return false;
    }
  }

  async stop(graceMs = 2_000): Promise<GroupExit> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#outlive) await this.stop();
  }
}

const liveGroups = new Set<ProcessGroup>();
let exitHandlerInstalled = false;

function killAtExit(group: ProcessGroup): void {
  liveGroups.add(group);
  if (exitHandlerInstalled) return;
  exitHandlerInstalled = true;
  process.on("exit", () => {
    for (const live of liveGroups) live.signal("SIGKILL");
  });
}

function groupExit(code: number | null, signal: NodeJS.Signals | null): GroupExit {
  if (signal === null) return { exitCode: code ?? 0, signal: undefined };
  return { exitCode: 128 + constants.signals[signal], signal };
}
