// SPDX-License-Identifier: Apache-2.0
/** The file of --report: whether it can be written is asked before hours of measuring, not after. */

import { access, constants, open, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";

/** @throws UklError USAGE_INVALID when nothing could be written there; undefined is no file, and no error */
export async function requireReportFile(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const obstacle = await findObstacle(file);
  if (obstacle !== undefined) throw reportError(file, obstacle);
}

function reportError(file: string, reason: string, cause?: unknown): UklError {
  return new UklError("USAGE_INVALID", `Cannot write a report to "${file}": ${reason}`, {
    hint: "Name a file in a directory that exists and can be written: --report report.html",
    cause,
  });
}

async function findObstacle(file: string): Promise<string | undefined> {
  if (file === "") return "that is no name";
  const kind = await kindOf(file);
  if (kind === "directory" || file.endsWith("/")) return "it is a directory";
  const directory = path.dirname(path.resolve(file));
  const around = await kindOf(directory);
  if (around !== "directory")
    return `"${directory}" ${around === undefined ? "does not exist" : "is no directory"}`;
  return (await mayWrite(file, kind)) ? undefined : "it cannot be written";
}

type Kind = "file" | "directory" | "other";

async function kindOf(file: string): Promise<Kind | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return "directory";
  return stats.isFile() ? "file" : "other";
}

/** Modes and owners do not tell all: a file is opened. A pipe's reader would take that for the whole report. */
async function mayWrite(file: string, kind: Kind | undefined): Promise<boolean> {
  try {
    if (kind === "other") await access(file, constants.W_OK);
    else await (await open(file, kind === "file" ? "r+" : "wx")).close();
    if (kind === undefined) await rm(file);
    return true;
  } catch (error) {
    if (isSystemError(error, "ENOSPC", "EDQUOT")) throw explainSystemError(error, "write the report");
    return false;
  }
}

/**
 * Writes the report, if there is to be one, and prints the findings, whatever becomes of it: in this order, as we end
 * when nobody reads what is printed.
 *
 * @throws UklError when the disk is full, or the place has gone meanwhile
 */
export async function deliver(
  file: string | undefined,
  format: () => string,
  print: () => void,
): Promise<void> {
  try {
    if (file !== undefined) await writeReport(file, format());
  } finally {
    print();
  }
}

/** Exported for its test. */
export async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    if (isSystemError(error, "ENOSPC", "EDQUOT")) throw explainSystemError(error, "write the report");
    throw reportError(file, (error as Error).message, error);
  }
}
