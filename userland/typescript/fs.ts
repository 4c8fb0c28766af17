// SPDX-License-Identifier: MIT
/** "ukl:fs": files, by the calls of QuickJS's "os", which hold up everything else. */

import * as os from "quickjs:os";
import type { FileStatus, WriteOptions } from "ukl:fs";
import { decode, ENOENT, sync } from "ukl:native";
import { expectResult, retry, SystemError } from "./system-error.js";
import { encodeText } from "./utf8.js";

export { SystemError };

export function readFile(path: string): Uint8Array {
  return withFile(path, os.O_RDONLY, "read", (fd) => {
    // What has no size to speak of, as below /proc, is read as well.
    const [status] = os.stat(path);
    let bytes = new Uint8Array(Math.max(status?.size ?? 0, 4095) + 1);
    let length = 0;
    for (;;) {
      const room = bytes.length - length;
      const count = retry(() => os.read(fd, bytes.buffer, length, room), "read", path);
      if (count === 0) return bytes.slice(0, length);
      length += count;
      if (length === bytes.length) bytes = enlarge(bytes);
    }
  });
}

export function readTextFile(path: string): string {
  return decode(readFile(path));
}

export function writeFile(path: string, data: string | Uint8Array, options: WriteOptions = {}): void {
  const how = options.append === true ? os.O_APPEND : os.O_TRUNC;
  withFile(path, os.O_WRONLY | os.O_CREAT | how, "write", (fd) => {
    writeAll(fd, data, path);
    if (options.sync === true) expectResult(sync(fd), "sync", path);
  });
}

export function replaceFile(path: string, data: string | Uint8Array): void {
  const beside = `${path}.new`;
  writeFile(beside, data, { sync: true });
  rename(beside, path);
  const directory = directoryOf(path);
  withFile(directory, os.O_RDONLY, "sync", (fd) => expectResult(sync(fd), "sync", directory));
}

export function readDirectory(path: string): string[] {
  const [names, errno] = os.readdir(path);
  if (errno !== 0) throw new SystemError(errno, "read", path);
  return names.filter((name) => name !== "." && name !== "..").sort();
}

export function makeDirectory(path: string): void {
  if (findStatus(path)?.kind === "directory") return;
  const above = directoryOf(path);
  if (above !== path && findStatus(above) === undefined) makeDirectory(above);
  expectResult(os.mkdir(path, 0o777), "make directory", path);
}

export function remove(path: string): void {
  expectResult(os.remove(path), "remove", path);
}

export function rename(from: string, to: string): void {
  expectResult(os.rename(from, to), "rename", from);
}

export function findStatus(path: string): FileStatus | undefined {
  const [status, errno] = os.stat(path);
  if (errno === ENOENT) return undefined;
  if (status === null) throw new SystemError(errno, "look at", path);
  const { mode, size, mtime } = status;
  return { kind: kinds.get(mode & os.S_IFMT) ?? "other", sizeBytes: size, modifiedAt: mtime };
}

const kinds = new Map([
  [os.S_IFREG, "file"],
  [os.S_IFDIR, "directory"],
] as const);

function withFile<T>(path: string, flags: number, action: string, use: (fd: number) => T): T {
  const fd = retry(() => os.open(path, flags, 0o666), action, path);
  try {
    return use(fd);
  } finally {
    os.close(fd);
  }
}

function writeAll(fd: number, data: string | Uint8Array, path: string): void {
  const bytes = typeof data === "string" ? encodeText(data) : data;
  for (let done = 0; done < bytes.length; ) {
    const [start, length] = [bytes.byteOffset + done, bytes.length - done];
    done += retry(() => os.write(fd, bytes.buffer as ArrayBuffer, start, length), "write", path);
  }
}

function enlarge(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}

/** "/data/tasks.json" → "/data". */
function directoryOf(path: string): string {
  const end = path.replace(/\/+$/, "").lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end) || "/";
}
