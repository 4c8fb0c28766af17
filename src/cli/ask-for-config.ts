// SPDX-License-Identifier: Apache-2.0
/** Asks a person at a terminal what a directory does not show. */

import type { BuildFinding, DirectoryDescription } from "../app/describe-directory.js";
import { suggestConfig } from "../app/suggest-config.js";
import type { AppConfig } from "../config/define-app.js";
import type { Context } from "../host/context.js";
import { InterruptedError } from "./interruption.js";

/** What was found is the answer that Enter gives. @throws InterruptedError on Ctrl-C and Escape */
export async function askForConfig(ctx: Context, description: DirectoryDescription): Promise<AppConfig> {
  const prompts = await import("@clack/prompts");
  const streams = { input: process.stdin, output: process.stderr, signal: ctx.signal };
  const answer = async <T>(asked: Promise<T>): Promise<Exclude<T, symbol>> => {
    const value = await asked;
    ctx.signal.throwIfAborted();
    if (typeof value === "symbol") throw new InterruptedError("SIGINT");
    return value as Exclude<T, symbol>;
  };
  const select = (message: string, names: readonly string[]): Promise<number> =>
    names.length === 1
      ? Promise.resolve(0)
      : answer(
          prompts.select({
            message,
            options: names.map((label, value) => ({ value, label })),
            ...streams,
          }),
        );
  const ask = (
    message: string,
    initialValue: string,
    validate: (text: string) => string | undefined,
  ): Promise<string> =>
    answer(prompts.text({ message, initialValue, validate: (text = "") => validate(text), ...streams }));

  const { builds, ports } = description;
  const build = builds[
    await select(
      "How is it built?",
      builds.map(({ what }) => what),
    )
  ] as BuildFinding;
  const config = suggestConfig(description, build);
  const program = await askForProgram(build, config, select, ask);
  const listens = await ask("The TCP ports that it listens on, if any", ports.join(" "), checkPorts);
  const { ports: _guessed, ...rest } = config;
  return {
    ...rest,
    ...(program === undefined ? {} : { program }),
    ...(listens.trim() === "" ? {} : { ports: parsePorts(listens) }),
  };
}

async function askForProgram(
  { programs }: BuildFinding,
  { program = "" }: AppConfig,
  select: (message: string, names: readonly string[]) => Promise<number>,
  ask: (message: string, initial: string, validate: (text: string) => string | undefined) => Promise<string>,
): Promise<string | undefined> {
  if (programs === undefined) return undefined;
  if (programs.length > 0) return programs[await select("Which of its programs shall run?", programs)];
  return ask("Which program does it build?", program, (text) =>
    text.trim() === "" || text.startsWith("/") ? "A path relative to the directory" : undefined,
  );
}

function parsePorts(text: string): number[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map(Number);
}

function checkPorts(text: string): string | undefined {
  const valid = parsePorts(text).every((port) => Number.isInteger(port) && port > 0 && port < 65_536);
  return valid ? undefined : "Numbers from 1 to 65535, with blanks between them";
}
