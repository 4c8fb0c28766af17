// SPDX-License-Identifier: Apache-2.0
/** The start of the command line, and the only place that ends the process. */

import { readFile } from "node:fs/promises";
import { ExitCode, run } from "@stricli/core";
import pc from "picocolors";
import { exitStatus } from "../errors/ukl-error.js";
import { buildCommandLine } from "./command-line.js";
import type { CliContext, Outcome } from "./define-command.js";
import { abortOnSignals, InterruptedError } from "./interruption.js";
import { reportError } from "./report-error.js";
import { findTerminal } from "./terminal.js";

/** What stricli says when it did not understand the command line; it has printed why. */
const misunderstood: ReadonlySet<number> = new Set([ExitCode.UnknownCommand, ExitCode.InvalidArgument]);

process.exitCode = exitStatus.bug;
const signal = abortOnSignals((status) => process.exit(status));
watchOutput();
const status = reportOutcome(await runCommandLine(process.argv.slice(2)));
await flush(process.stdout);
process.exit(status);

async function runCommandLine(words: readonly string[]): Promise<Outcome> {
  try {
    const [inputs, passthrough] = splitAtDashes(words);
    const app = await buildCommandLine(inputs, await findVersion());
    const stricliProcess = {
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      exitCode: null as number | null,
    };
    const cli: CliContext & { process: typeof stricliProcess } = {
      process: stricliProcess,
      signal,
      passthrough,
      outcome: { status: exitStatus.ok },
    };
    await run(app, inputs, cli);
    const code = stricliProcess.exitCode ?? ExitCode.Success;
    if (misunderstood.has(code)) return { status: exitStatus.usage };
    return code === ExitCode.Success ? cli.outcome : { status: exitStatus.bug };
  } catch (error) {
    return { error };
  }
}

function reportOutcome(outcome: Outcome): number {
  if ("status" in outcome) return outcome.status;
  // After Ctrl-C whatever failed did so because of it.
  const error = signal.reason instanceof InterruptedError ? signal.reason : outcome.error;
  const colors = pc.createColors(findTerminal(process.stderr).color);
  const report = reportError(error, colors);
  process.stderr.write(`${report.text}\n`);
  return report.status;
}

/** Arguments after `--` are the application's, whatever they look like. */
function splitAtDashes(
  words: readonly string[],
): [inputs: readonly string[], passthrough: readonly string[]] {
  const dashes = words.indexOf("--");
  return dashes < 0 ? [words, []] : [words.slice(0, dashes), words.slice(dashes + 1)];
}

async function findVersion(): Promise<string> {
  const file = new URL("../../../package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string };
  return version;
}

/** `ukl … | head` is no error; a full disk behind stdout is one. Without a stderr the exit status must do. */
function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? exitStatus.ok : reportOutcome({ error }));
  });
  process.stderr.on("error", () => {});
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
