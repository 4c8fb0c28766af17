// SPDX-License-Identifier: Apache-2.0
/** Runs an application's own test against its running machine. */

import type { App } from "../config/app.js";
import type { AppTest } from "../config/define-app.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { requireTools } from "../host/require-tools.js";
import { type AppOutput, collectOutput } from "./app-output.js";
import { findFreePorts } from "./find-free-ports.js";
import type { Machine } from "./machine.js";
import { describeExit } from "./machine-exit.js";
import { defaultForwards, type StartRequest, startApp } from "./start-app.js";
import { createTestMachine } from "./test-machine.js";

export interface TestRequest
  extends Pick<
    StartRequest,
    | "app"
    | "level"
    | "series"
    | "kernelConfig"
    | "files"
    | "network"
    | "machine"
    | "memoryMib"
    | "extraMemoryMib"
    | "cpus"
    | "accelerator"
    | "kaslr"
  > {
  /** For the test and the application's start, not for building it; default the application's own. */
  readonly timeoutMs?: number | undefined;
  /** What looks at the machine once, before the test sends it a signal or when the test has passed. */
  readonly observer?: TestObserver | undefined;
}

export interface TestObserver {
  /** As in ImageRequest: its side in the guest. */
  readonly starter: Uint8Array;
  /** The guest's TCP port at which that listens. */
  readonly guestPort: number;
  /** @param port that of this host that leads there */
  observe(ctx: Context, port: number): Promise<void>;
}

export interface TestResult {
  readonly app: string;
  readonly level: string;
  readonly durationMs: number;
}

/**
 * Boots the application, with free ports of this host for its own, and runs its test. The machine is ended in any case.
 *
 * @throws UklError APP_TEST_FAILED with what the test threw and what the application wrote last; APP_INVALID when
 *   there is no test
 */
export async function testApp(ctx: Context, request: TestRequest): Promise<TestResult> {
  const { app, observer, timeoutMs = app.testSeconds * 1_000 } = request;
  const { test } = app;
  if (test === undefined)
    throw new UklError("APP_INVALID", `Cannot test "${app.name}": its configuration has no test`, {
      hint: "Write one: test: async (vm) => { … }",
    });
  await requireTools(ctx, app.clients);
  const { udpPorts } = app;
  const wanted = defaultForwards({
    ports: [...app.ports, ...(observer ? [observer.guestPort] : [])],
    udpPorts,
  });
  const free = await findFreePorts(wanted.length);
  const ports = wanted.map((forward, index) => ({ ...forward, hostPort: free[index] as number }));
  await using machine = await startApp(ctx, {
    ...request,
    ...{ ports, stdio: "pipes", timeoutMs: undefined, starter: observer?.starter },
  });
  const startedAt = performance.now();
  const output = collectOutput(ctx, machine);
  await ctx.log.step(`Testing ${app.name}`, async () => {
    using deadline = startDeadline(ctx.signal, timeoutMs);
    try {
      await runTest({ ctx: { ...ctx, signal: deadline.signal }, app, test, machine, output, observer });
    } catch (error) {
      ctx.signal.throwIfAborted();
      // What it says at its end is part of the answer.
      await machine.stop();
      await output.ended;
      throw testFailed(app, error, output.text);
    }
  });
  return { app: app.name, level: machine.state.level, durationMs: performance.now() - startedAt };
}

interface TestRun {
  readonly ctx: Context;
  readonly app: App;
  readonly test: AppTest;
  readonly machine: Machine;
  readonly output: AppOutput;
  readonly observer: TestObserver | undefined;
}

async function runTest({ ctx, app, test, machine, output, observer }: TestRun): Promise<void> {
  using failure = watchForFailure(machine, ctx.signal);
  if (!(await Promise.race([machine.ready, failure.rejected]))) {
    const ports = app.ports.length === 0 ? "it started" : `it listened on ${app.ports.join(", ")}`;
    const reason = describeExit(await machine.exited);
    throw new Error(`it ended before ${ports}${reason === undefined ? "" : `: ${reason}`}`);
  }
  let observed: Promise<void> | undefined;
  const observe = async (): Promise<void> => {
    observed ??= observer && observeMachine(ctx, machine, observer);
    await observed;
  };
  await Promise.race([test(createTestMachine(ctx, machine, output, observe)), failure.rejected]);
  await Promise.race([observe(), failure.rejected]);
  await machine.stop();
  // A processor that is not given time may be the host's fault.
  const problem = (await machine.problems).find(({ kind }) => kind !== "stall");
  if (problem !== undefined) throw new Error(`the kernel said: ${problem.summary}`);
}

async function observeMachine(ctx: Context, machine: Machine, observer: TestObserver): Promise<void> {
  const { ports } = machine.state;
  const { hostPort = 0 } = ports.find(({ guestPort }) => guestPort === observer.guestPort) ?? {};
  const ended = machine.exited.then(() => {
    throw new Error("it ended by itself, before it was looked at");
  });
  ended.catch(() => {});
  await Promise.race([observer.observe(ctx, hostPort), ended]);
}

interface FailureWatch extends Disposable {
  /** Never resolves. */
  readonly rejected: Promise<never>;
}

/**
 * Rejects on what a test need not look out for: the kernel fails, the time is up, or something that the test has begun
 * fails without it. That the application ends is the test's business.
 */
function watchForFailure(machine: Machine, signal: AbortSignal): FailureWatch {
  let reject = (_error: unknown): void => {};
  const rejected = new Promise<never>((_resolve, settle) => {
    reject = settle;
  });
  // Whoever still waits for it sees it; afterwards nobody has to.
  rejected.catch(() => {});
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  // A socket without a listener for its errors would end the process.
  process.on("uncaughtException", reject);
  void machine.exited.then((exit) => {
    if (exit.kind === "panic" || exit.kind === "lost") reject(new Error(describeExit(exit)));
  });
  return {
    rejected,
    [Symbol.dispose]: () => {
      signal.removeEventListener("abort", onAbort);
      process.off("uncaughtException", reject);
    },
  };
}

/** Aborted with its caller's signal, and when the time is up. (A timeout inside AbortSignal.any may be collected.) */
function startDeadline(outer: AbortSignal, timeoutMs: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(outer.reason);
  outer.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => controller.abort(new Error(`it still ran after ${timeoutMs / 1_000} s`)),
    timeoutMs,
  );
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      outer.removeEventListener("abort", onAbort);
      // Clients of a test that has failed may still run.
      controller.abort(new Error("the test is over"));
    },
  };
}

const shownLines = 20;

function testFailed(app: App, error: unknown, output: string): UklError {
  const message = error instanceof Error ? error.message : String(error);
  const place = placeOf(error);
  const lines = output.trimEnd().split("\n").slice(-shownLines);
  const said =
    output.trim() === ""
      ? "It wrote nothing"
      : `It wrote last:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new UklError(
    "APP_TEST_FAILED",
    `Cannot pass the test of "${app.name}"${place === undefined ? "" : ` at ${place}`}: ${message}\n${said}`,
    { hint: "Show everything that it writes with -vv", cause: error },
  );
}

/** "file:line" of the configuration that an error passed through. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return /(?<=[( ])(?:file:\/\/)?(\/[^\n]*(?:ukl\.config|recipe)\.[jt]s:\d+)/.exec(stack)?.[1];
}
