// SPDX-License-Identifier: Apache-2.0
/** Runs one command to its end: bounded, interruptible, recorded, and with an error that says how to repeat it. */

import { existsSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { UklError } from "../errors/ukl-error.js";
import { type CommandLog, openCommandLog } from "./command-log.js";
import type { Context } from "./context.js";
import type { Environment } from "./environment.js";
import { formatCommand } from "./format-command.js";
import { lastLines } from "./last-lines.js";
import { type GroupExit, type ProcessGroup, spawnGroup } from "./process-group.js";
import { explainSystemError, isSystemError, noSpaceError } from "./system-error.js";

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the built environment (see environment.ts); nothing else is inherited. */
  readonly env?: Environment;
  /** Written to stdin, which is otherwise closed. */
  readonly input?: string | Uint8Array;
  /** Appended to: the command line, then everything it prints, then its exit status. */
  readonly logFile?: string;
  readonly timeoutMs?: number;
  /** Called with each complete line of stdout and stderr, without its end. */
  readonly onOutput?: (line: string) => void;
  /** Resolve, not reject, when the exit status is not 0. */
  readonly allowFailure?: boolean;
}

export interface CommandResult {
  /** 128+n after death by signal n. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  /** UTF-8, complete. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/**
 * Runs a command and collects its output. On abort and on timeout its whole process
 * group is ended before the promise settles.
 *
 * @throws UklError HOST_COMMAND_FAILED, HOST_TOOL_MISSING, HOST_TIMEOUT or HOST_NO_SPACE
 * @throws the reason of `ctx.signal` when that is aborted
 */
export async function runCommand(
  ctx: Pick<Context, "log" | "signal" | "locks">,
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  ctx.signal.throwIfAborted();
  const command = formatCommand({ file, args, cwd: options.cwd, env: options.env });
  ctx.log.detail(`$ ${command}`);
  const log = await openCommandLog(options.logFile);
  log.write(`$ ${command}\n`);
  const startedAt = performance.now();
  const group = await startCommand(ctx, file, args, options).catch(async (error: unknown) => {
    await closeLog(log, file);
    throw error;
  });
  const collected = collectOutput(ctx, group, log, options);
  const { exit, timedOut } = await waitForEnd(ctx.signal, group, options.timeoutMs);
  const output = await collected;
  log.write(`# exit status ${exit.exitCode}\n`);
  await closeLog(log, file);
  ctx.signal.throwIfAborted();
  const result = { ...exit, ...output, durationMs: performance.now() - startedAt };
  if (timedOut) throw timeoutError(command, options);
  if (exit.exitCode !== 0 && options.allowFailure !== true)
    throw failureError(file, command, result, options);
  return result;
}

async function startCommand(
  ctx: Pick<Context, "locks">,
  file: string,
  args: readonly string[],
  options: CommandOptions,
) {
  try {
    const group = await spawnGroup({
      file,
      args,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      stdin: options.input === undefined ? "ignore" : "pipe",
      stdout: "pipe",
      stderr: "pipe",
      inherit: ctx.locks,
    });
    group.stdin?.end(options.input);
    return group;
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw explainSystemError(error, `start "${file}"`);
    // spawn(2) says the same of a missing program and of a missing directory to run it in.
    if (options.cwd !== undefined && !existsSync(options.cwd)) throw error;
    throw missingToolError(file, error);
  }
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A daemon that left the group may keep the pipes open for ever: after this they are cut. */
const closeGraceMs = 1_000;

async function collectOutput(
  ctx: Pick<Context, "log">,
  group: ProcessGroup,
  log: CommandLog,
  options: CommandOptions,
): Promise<Output> {
  const onLine = (line: string): void => {
    ctx.log.output(line);
    options.onOutput?.(line);
  };
  const collectStream = (stream: ProcessGroup["stdout"]): Promise<string> =>
    new Promise((resolve) => {
      if (stream === null) return resolve("");
      const decoder = new StringDecoder("utf8");
      let text = "";
      let lineStart = 0;
      stream.on("data", (chunk: Buffer) => {
        const piece = decoder.write(chunk);
        log.write(piece);
        text += piece;
        for (let end = text.indexOf("\n", lineStart); end >= 0; end = text.indexOf("\n", lineStart)) {
          onLine(text.slice(lineStart, end));
          lineStart = end + 1;
        }
      });
      stream.once("close", () => {
        if (lineStart < text.length) onLine(text.slice(lineStart));
        resolve(text);
      });
      stream.on("error", () => {});
    });
  const streams = Promise.all([collectStream(group.stdout), collectStream(group.stderr)]);
  void group.exited.then(() => {
    const timer = setTimeout(() => {
      group.stdout?.destroy();
      group.stderr?.destroy();
    }, closeGraceMs);
    void streams.then(() => clearTimeout(timer));
  });
  const [stdout, stderr] = await streams;
  return { stdout, stderr };
}

async function waitForEnd(
  signal: AbortSignal,
  group: ProcessGroup,
  timeoutMs: number | undefined,
): Promise<{ exit: GroupExit; timedOut: boolean }> {
  let timedOut = false;
  const onAbort = (): void => void group.stop();
  signal.addEventListener("abort", onAbort, { once: true });
  // The abort may have come while the process was being started.
  if (signal.aborted) onAbort();
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void group.stop();
        }, timeoutMs);
  try {
    return { exit: await group.exited, timedOut };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

async function closeLog(log: CommandLog, file: string): Promise<void> {
  try {
    await log.close();
  } catch (error) {
    throw explainSystemError(error, `write the log of "${file}"`);
  }
}

function missingToolError(file: string, cause: unknown): UklError {
  return new UklError("HOST_TOOL_MISSING", `Cannot run "${file}": it is not installed`, {
    hint: "ukl doctor --fix",
    cause,
  });
}

function timeoutError(command: string, options: CommandOptions): UklError {
  const seconds = ((options.timeoutMs ?? 0) / 1_000).toFixed(1);
  return new UklError("HOST_TIMEOUT", `Cannot finish "${command}": it still ran after ${seconds} s`, {
    ...(options.logFile === undefined ? {} : { hint: `Read the log: ${options.logFile}` }),
  });
}

function failureError(
  file: string,
  command: string,
  result: CommandResult,
  options: CommandOptions,
): UklError {
  const lines = lastLines(`${result.stdout}\n${result.stderr}`, 12);
  const output = lastLines(result.stderr, 12) || lines;
  if (/No space left on device|Disk quota exceeded/.test(output + lines))
    return noSpaceError(`finish "${file}"`);
  const status =
    result.signal === undefined
      ? `it exited with status ${result.exitCode}`
      : `it was ended by ${result.signal}`;
  const detail = output === "" ? "" : `\n${output.replaceAll(/^/gm, "  ")}`;
  return new UklError("HOST_COMMAND_FAILED", `Cannot run "${file}": ${status}${detail}`, {
    // What has a log is built in the cache, which removes what failed; the log begins with the command.
    hint: options.logFile === undefined ? `Repeat it with: ${command}` : `Read the log: ${options.logFile}`,
  });
}
