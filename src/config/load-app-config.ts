// SPDX-License-Identifier: Apache-2.0
/** Loads a configuration that a user has written: TypeScript, which may be wrong in every way. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError } from "../host/system-error.js";
import type { App } from "./app.js";
import { parseAppConfig } from "./parse-app-config.js";

export interface LoadOptions {
  /** How long it may take to say what it is; default a minute, as on a busy machine the compiler alone takes ten seconds. */
  readonly timeoutMs?: number;
}

/**
 * Runs a configuration and checks what it exports. It may import "ukl" wherever it lies, installed or not: that is
 * always the package that loads it.
 *
 * @param file absolute
 * @throws UklError APP_INVALID with file and line, whatever is wrong with it
 */
export async function loadAppConfig(file: string, { timeoutMs = 60_000 }: LoadOptions = {}): Promise<App> {
  const text = await readText(file);
  const { default: config } = await withDeadline(runConfig(file), file, timeoutMs);
  if (config === undefined) throw nothingExported(file, text);
  if (config instanceof Promise) {
    // Nobody else would look at what becomes of it.
    config.catch(() => {});
    const place = placeOf(file, text, /^\s*export default\b/);
    throw new UklError("APP_INVALID", `Cannot use "${place}": it exports a promise`, {
      hint: "Wait for it: export default await …",
    });
  }
  return parseAppConfig(config, file, text);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw explainSystemError(error, `read "${file}"`);
  }
}

async function withDeadline<T>(loading: Promise<T>, file: string, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const state = `it still waits for something after ${timeoutMs / 1_000} s`;
      reject(
        new UklError("APP_INVALID", `Cannot load "${file}": ${state}`, { hint: 'Look for "await" in it' }),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([loading, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

async function runConfig(file: string): Promise<{ readonly default?: unknown }> {
  // Loaded here, because most commands load no configuration; it brings a compiler.
  const { createJiti } = await import("jiti");
  const jiti = createJiti(file, {
    alias: { ukl: packageEntry },
    // A configuration is compiled in milliseconds, and a changed one must never be taken for the old one.
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    // So that stacks have the lines of the source.
    sourceMaps: true,
  });
  try {
    return await jiti.import<{ readonly default?: unknown }>(file);
  } catch (error) {
    throw explainFailure(file, error);
  }
}

/** By our own extension: the compiled package gives compiled modules, the sources give sources. */
const packageEntry = fileURLToPath(
  new URL(`../index${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url),
);

function explainFailure(file: string, error: unknown): UklError {
  const place = findPlace(file, error);
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const syntax = /^ParseError: (.*)/.exec(message)?.[1]?.trim();
  const reason =
    syntax ?? (/^Cannot find module '.*'/.exec(message)?.[0] || `it throws "${message.split("\n")[0]}"`);
  const line = /:(\d+)$/.exec(place)?.[1];
  return new UklError("APP_INVALID", `Cannot load "${place}": ${reason}`, {
    hint: line === undefined ? "Correct it, and type the command again" : `Correct line ${line}`,
    cause: error,
  });
}

/** "file:line" of the first place in the file that an error names, in its message or in its stack. */
function findPlace(file: string, error: unknown): string {
  const trace = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : "";
  const at = trace.indexOf(`${file}:`);
  const line = at < 0 ? undefined : /^\d+/.exec(trace.slice(at + file.length + 1))?.[0];
  return line === undefined ? file : `${file}:${line}`;
}

function nothingExported(file: string, text: string): UklError {
  const place = placeOf(file, text, /^\s*(const \w+ = )?defineApp\(/);
  return new UklError("APP_INVALID", `Cannot use "${place}": it exports nothing by default`, {
    hint: "It has to say: export default defineApp({ … })",
  });
}

/** "file:line" of the first line that matches. */
function placeOf(file: string, text: string, pattern: RegExp): string {
  const index = text.split("\n").findIndex((line) => pattern.test(line));
  return index < 0 ? file : `${file}:${index + 1}`;
}
