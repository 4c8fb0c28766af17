// SPDX-License-Identifier: Apache-2.0
/** The file of --report: whether it can be written is asked before hours of measuring, not after. */

import { open, rm, stat } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { replaceFile } from "../host/replace-file.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";

/** @throws UklError USAGE_INVALID when nothing could be written there; undefined is no file, and no error */
export async function requireReportFile(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const obstacle = await findObstacle(file);
  if (obstacle === undefined) return;
  throw new UklError("USAGE_INVALID", `Cannot write a report to "${file}": ${obstacle}`, {
    hint: "Name a file in a directory that exists and can be written: --report report.html",
  });
}

async function findObstacle(file: string): Promise<string | undefined> {
  if (file === "") return "that is no name";
  if (file.endsWith("/") || (await kindOf(file)) === "directory") return "it is a directory";
  const directory = path.dirname(path.resolve(file));
  const kind = await kindOf(directory);
  if (kind !== "directory")
    return `"${directory}" ${kind === undefined ? "does not exist" : "is no directory"}`;
  return (await mayWrite(file)) ? undefined : `"${directory}" cannot be written`;
}

async function kindOf(file: string): Promise<"file" | "directory" | "other" | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return "directory";
  return stats.isFile() ? "file" : "other";
}

/** A file is replaced by another of its name; what is none is written. Modes and owners do not tell all: it is tried. */
async function mayWrite(file: string): Promise<boolean> {
  const probe = (await kindOf(file)) === "other" ? file : `${file}.${process.pid}.new`;
  try {
    await (await open(probe, "a")).close();
    if (probe !== file) await rm(probe);
    return true;
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR")) return false;
    throw explainSystemError(error, "write the report");
  }
}

/** @throws UklError when the disk is full, or the place has gone meanwhile */
export async function writeReport(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) return;
  try {
    await replaceFile(file, text);
  } catch (error) {
    throw explainSystemError(error, "write the report");
  }
}
