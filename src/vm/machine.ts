// SPDX-License-Identifier: Apache-2.0
/** A virtual machine that this process has started. */

import { watch } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Context } from "../host/context.js";
import type { ProcessGroup } from "../host/process-group.js";
import { type EndOptions, endMachine, signalApplication } from "./end-machine.js";
import { connectGdb, type GdbClient } from "./gdb-client.js";
import { type GuestStatus, parseGuestStatus } from "./guest-status.js";
import { createKernelLogWatcher, findKernelProblems, type KernelProblem } from "./kernel-log.js";
import { determineExit, type MachineExit } from "./machine-exit.js";
import { type MachineState, saveMachineState } from "./machine-registry.js";
import { interruptChardev, machineFile } from "./qemu-arguments.js";
import { type QmpClient, QmpError } from "./qmp-client.js";
import { readLines } from "./read-lines.js";
import { connectSocket } from "./unix-socket.js";

/** What start-machine.ts hands over. */
export interface MachineParts {
  readonly state: MachineState;
  readonly directory: string;
  readonly qemu: ProcessGroup;
  readonly qmp: QmpClient;
  /** By their names in `machineFile`, not read yet. */
  readonly sockets: ReadonlyMap<string, Socket>;
  readonly timeoutMs: number | undefined;
  readonly awaitedPorts: readonly number[];
}

export class Machine implements AsyncDisposable {
  readonly state: MachineState;
  /** Its logs; goes away with a machine that ended well, unless it lives on without us. */
  readonly directory: string;
  /**
   * The application's streams, to be read or the guest waits. What there is depends on the stdio mode: all three with
   * pipes; with a terminal both directions in one (`stdin` and `stdout` are the same socket); none with a log.
   */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** Resolves with true when the application runs, with false when the machine ended before. */
  readonly started: Promise<boolean>;
  /**
   * Resolves with true when the application runs and listens on all ports that /init was told to
   * look at, with false when the machine ended before.
   */
  readonly ready: Promise<boolean>;
  /** What was wrong with the kernel, warnings included; resolves when its log has ended. */
  readonly problems: Promise<readonly KernelProblem[]>;
  /** Resolves when QEMU has ended; never rejects. */
  readonly exited: Promise<MachineExit>;

  readonly #parts: MachineParts;
  readonly #cleanUp: (() => void)[] = [];
  #ended = false;
  #timedOutAfterMs: number | undefined;
  #brokenDown = false;

  constructor(ctx: Context, parts: MachineParts) {
    this.#parts = parts;
    this.state = parts.state;
    this.directory = parts.directory;
    const { stdinSocket, stdoutSocket, stderrSocket } = machineFile;
    this.stdout = parts.sockets.get(stdoutSocket);
    this.stdin = parts.sockets.get(stdinSocket) ?? parts.sockets.get(stdoutSocket);
    this.stderr = parts.sockets.get(stderrSocket);
    // A guest that has ended resets its streams; whoever reads them sees their end.
    for (const socket of parts.sockets.values()) socket.on("error", () => {});
    this.problems = this.#watchKernel(ctx);
    this.started = this.#waitForStatus((status) => status.started);
    this.ready = this.#waitForStatus(
      ({ started, listening }) => started && parts.awaitedPorts.every((port) => listening.includes(port)),
    );
    this.exited = this.#waitForExit();
    this.#endOnBreakdown();
    this.#holdInput();
    this.#endOnAbort(ctx);
    this.#endOnTimeout(parts.timeoutMs);
  }

  /** Sends a signal to the application (its foreground process group), as soon as /init listens. */
  signal(signal: NodeJS.Signals): Promise<void> {
    return signalApplication(this.directory, signal);
  }

  /**
   * Sends a non-maskable interrupt to every virtual CPU.
   *
   * @throws QmpError when the machine has ended
   */
  async injectNmi(): Promise<void> {
    await this.#parts.qmp.execute("inject-nmi");
  }

  /**
   * Executes a command of QEMU's monitor for people; for what its control protocol does not have.
   *
   * @returns what the monitor says, which for many commands is nothing
   * @throws QmpError when the machine has ended
   */
  async monitor(command: string): Promise<string> {
    const output = await this.#parts.qmp.execute("human-monitor-command", { "command-line": command });
    return String(output).trim();
  }

  /**
   * Stops the machine under a debugger.
   *
   * @throws QmpError, or the socket's error, when the machine has ended
   */
  async debug(): Promise<GdbClient> {
    await this.monitor(`gdbserver unix:${machineFile.gdbSocket},server=on,wait=off`);
    return connectGdb(await connectSocket(this.directory, machineFile.gdbSocket));
  }

  /**
   * Has the second serial port interrupt, with a NUL byte for whoever reads it; at once, also while the machine is
   * stopped, when most devices wait.
   *
   * @throws QmpError when the machine has ended, or has no second port
   */
  async interrupt(): Promise<void> {
    const error = await this.monitor(`chardev-send-break ${interruptChardev}`);
    if (error !== "") throw new QmpError(error);
  }

  /** Ends the machine: a signal to the application, then `quit` to QEMU, then SIGKILL. */
  async stop(options: EndOptions = {}): Promise<MachineExit> {
    this.#ended = true;
    await this.#end(options);
    return this.exited;
  }

  /** Ends it as a power cut would: at once, between any two instructions, and QEMU writes nothing more. */
  async cutPower(): Promise<MachineExit> {
    this.#ended = true;
    this.#parts.qemu.signal("SIGKILL");
    return this.exited;
  }

  /** Ends a machine that took longer than it may; how it ended is then a timeout. */
  async stopOverdue(timeoutMs: number): Promise<MachineExit> {
    this.#timedOutAfterMs = timeoutMs;
    await this.#end({ graceMs: 2_000 });
    return this.exited;
  }

  /** Stops it, or, if it lives on without us, lets go of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.state.detached) this.#release();
    else await this.stop();
  }

  #end(options: EndOptions): Promise<void> {
    const { qemu, qmp } = this.#parts;
    const kill = (): void => void qemu.signal("SIGKILL");
    return endMachine({ directory: this.directory, qmp, gone: qemu.exited, kill }, options);
  }

  #release(): void {
    this.#parts.qmp.close();
    for (const cleanUp of this.#cleanUp) cleanUp();
  }

  /** Resolves with all problems when the log has ended. */
  #watchKernel(ctx: Context): Promise<readonly KernelProblem[]> {
    const socket = this.#parts.sockets.get(machineFile.kernelSocket);
    if (socket === undefined) return this.#parts.qemu.exited.then(() => this.#loadProblems());
    const watcher = createKernelLogWatcher();
    readLines(socket, (line) => {
      ctx.log.output(line);
      watcher.push(line);
    });
    return new Promise((resolve) => socket.once("close", () => resolve(watcher.problems)));
  }

  #waitForStatus(test: (status: GuestStatus) => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const check = async (): Promise<void> => {
        if (test(await this.#loadStatus())) resolve(true);
      };
      const watcher = watch(path.join(this.directory, machineFile.status), () => void check());
      this.#cleanUp.push(() => watcher.close());
      void check();
      void this.#parts.qemu.exited.then(check).then(() => resolve(false));
    });
  }

  async #waitForExit(): Promise<MachineExit> {
    const { qemu, qmp } = this.#parts;
    const { signal } = await qemu.exited;
    const exit = determineExit({
      status: await this.#loadStatus(),
      problems: await this.problems,
      ended: this.#ended,
      qemuSignal: signal,
      qemuMessage: (await this.#read(machineFile.qemu)).trim(),
      brokenDown: this.#brokenDown,
      ...(this.#timedOutAfterMs === undefined ? {} : { timedOutAfterMs: this.#timedOutAfterMs }),
    });
    await qmp.closed;
    await this.ready;
    this.#release();
    await this.#keepOrRemove(exit);
    return exit;
  }

  /** The logs of a failure are worth keeping, and those of a machine that lives on are its owner's. */
  async #keepOrRemove(exit: MachineExit): Promise<void> {
    const unexplained = exit.kind === "panic" || exit.kind === "timeout" || exit.kind === "lost";
    if (this.#ended) await saveMachineState(this.directory, { ...this.state, stopRequested: true });
    if (!this.state.detached && !unexplained) await rm(this.directory, { recursive: true, force: true });
  }

  /** Until /init has set the terminal up, it would echo what it gets. */
  #holdInput(): void {
    this.stdin?.cork();
    void this.started.then(() => this.stdin?.uncork());
  }

  #endOnAbort(ctx: Context): void {
    // Ctrl-C reaches the application as what it is; a program that ignores it is not waited for.
    const onAbort = (): void => void this.stop({ signal: signalOf(ctx.signal.reason) });
    ctx.signal.addEventListener("abort", onAbort, { once: true });
    this.#cleanUp.push(() => ctx.signal.removeEventListener("abort", onAbort));
    if (ctx.signal.aborted) onAbort();
  }

  /** QEMU stops a machine whose processor KVM cannot go on with, and waits for a debugger that never comes. */
  #endOnBreakdown(): void {
    const { qmp } = this.#parts;
    qmp.events.on("event", async ({ event }) => {
      if (event !== "STOP") return;
      const status = (await qmp.execute("query-status").catch(() => ({}))) as { readonly status?: string };
      if (status.status !== "internal-error") return;
      this.#brokenDown = true;
      await this.#end({ graceMs: 0 });
    });
  }

  #endOnTimeout(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) return;
    const timer = setTimeout(() => void this.stopOverdue(timeoutMs), timeoutMs);
    this.#cleanUp.push(() => clearTimeout(timer));
  }

  async #loadStatus(): Promise<GuestStatus> {
    return parseGuestStatus(await this.#read(machineFile.status));
  }

  async #loadProblems(): Promise<readonly KernelProblem[]> {
    return findKernelProblems(await this.#read(machineFile.kernel));
  }

  #read(name: string): Promise<string> {
    return readFile(path.join(this.directory, name), "utf8").catch(() => "");
  }
}

/** The command line aborts with the signal that it got. */
function signalOf(reason: unknown): NodeJS.Signals {
  return (reason as { readonly signal?: NodeJS.Signals } | undefined)?.signal ?? "SIGINT";
}
