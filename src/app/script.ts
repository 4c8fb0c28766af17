// SPDX-License-Identifier: Apache-2.0
/** Scripts: the first line says which program runs them. */

import { open, stat } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { isSystemError } from "../host/system-error.js";

export interface InterpreterLine {
  /** As it is written, or what env(1) shall look for. */
  readonly interpreter: string;
  /** Between the interpreter and the script. */
  readonly args: readonly string[];
}

export interface Script {
  /** The program, absolute. */
  readonly interpreter: string;
  readonly args: readonly string[];
}

/** Reads "#!/usr/bin/python3 -u"; undefined when that is not how the file begins. */
export function readInterpreterLine(bytes: Uint8Array): InterpreterLine | undefined {
  const text = Buffer.from(bytes.subarray(0, lineLimit)).toString("utf8");
  const line = /^#![ \t]*(\S[^\r\n]*)/.exec(text)?.[1]?.trim();
  if (line === undefined) return undefined;
  const [, interpreter = "", argument] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  if (path.basename(interpreter) !== "env")
    // The kernel passes the rest of the line as one argument.
    return { interpreter, args: argument === undefined || argument === "" ? [] : [argument] };
  const words = (argument ?? "").split(/\s+/).filter((word) => word !== "-S" && !/^\w+=/.test(word));
  const [name = interpreter, ...args] = words;
  return { interpreter: name, args };
}

/** What the kernel reads of a file to find out what it is. */
const lineLimit = 256;

/**
 * Finds the program that runs a script.
 *
 * @returns undefined when the file is no script
 * @throws UklError APP_INVALID when its interpreter is not there
 */
export async function findInterpreter(file: string): Promise<Script | undefined> {
  const line = readInterpreterLine(await readStart(file));
  if (line === undefined) return undefined;
  const places = line.interpreter.includes("/")
    ? [line.interpreter]
    : guestDirectories.map((directory) => path.join(directory, line.interpreter));
  for (const place of places)
    if (await isFile(place)) return { interpreter: path.resolve(place), args: line.args };
  throw new UklError(
    "APP_INVALID",
    `Cannot run "${file}": its interpreter "${line.interpreter}" is not on this machine`,
    { hint: "Install it, or correct the first line of the script" },
  );
}

/** The guest's PATH: what another one finds here would not be found there. */
const guestDirectories = ["/usr/local/bin", "/usr/bin", "/bin"];

async function readStart(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(lineLimit), 0, lineLimit, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    // Whoever wants the whole file says what is wrong with it.
    if (isSystemError(error, "EACCES", "ENOENT", "EISDIR")) return new Uint8Array();
    throw error;
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (status) => status.isFile(),
    () => false,
  );
}
