// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CpioEntry, writeCpio } from "./cpio.js";

const entries: readonly CpioEntry[] = [
  { kind: "file", path: "/init", mode: 0o755, data: Buffer.from("#!/bin/sh\n") },
  { kind: "file", path: "/etc/empty", mode: 0o600, data: new Uint8Array() },
  { kind: "file", path: "/etc/ünï cödé", mode: 0o644, data: Buffer.from("12345") },
  { kind: "symlink", path: "/bin/sh", target: "busybox" },
  { kind: "character-device", path: "/dev/console", mode: 0o600, major: 5, minor: 1 },
  { kind: "directory", path: "/tmp", mode: 0o777 },
];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-cpio-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const cpio = (archive: Uint8Array, ...args: string[]): string =>
  execFileSync("cpio", ["--quiet", ...args], {
    input: archive,
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" },
  });

describe("writeCpio", () => {
  test("is listed by cpio(1) with kinds, modes, owners and added parents", () => {
    const lines = cpio(writeCpio(entries), "-itvn").trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/\s+/g, " "))).toEqual([
      "drwxr-xr-x 2 0 0 0 Jan 1 1970 bin",
      "lrwxrwxrwx 1 0 0 7 Jan 1 1970 bin/sh -> busybox",
      "drwxr-xr-x 2 0 0 0 Jan 1 1970 dev",
      "crw------- 1 0 0 5, 1 Jan 1 1970 dev/console",
      "drwxr-xr-x 2 0 0 0 Jan 1 1970 etc",
      "-rw------- 1 0 0 0 Jan 1 1970 etc/empty",
      "-rw-r--r-- 1 0 0 5 Jan 1 1970 etc/ünï cödé",
      "-rwxr-xr-x 1 0 0 10 Jan 1 1970 init",
      "drwxrwxrwx 2 0 0 0 Jan 1 1970 tmp",
    ]);
  });

  test("is unpacked by cpio(1) with the same contents", () => {
    const withoutDevice = entries.filter(({ kind }) => kind !== "character-device");
    cpio(writeCpio(withoutDevice), "-id");
    expect(readFileSync(path.join(directory, "init"), "utf8")).toBe("#!/bin/sh\n");
    expect(readFileSync(path.join(directory, "etc/ünï cödé"), "utf8")).toBe("12345");
    expect(readlinkSync(path.join(directory, "bin/sh"))).toBe("busybox");
    expect(statSync(path.join(directory, "etc/empty")).size).toBe(0);
  });

  test("gives the same bytes whatever the order, in whole blocks", () => {
    const archive = writeCpio(entries);
    expect(Buffer.compare(archive, writeCpio([...entries].reverse()))).toBe(0);
    expect(archive.length % 512).toBe(0);
  });

  test("refuses a path twice, a file as a directory, and paths that lead elsewhere", () => {
    const file = (at: string): CpioEntry => ({ kind: "file", path: at, mode: 0o644, data: new Uint8Array() });
    expect(() => writeCpio([file("/a"), file("/a")])).toThrow(
      'Cannot put "/a" into the image: it is there already',
    );
    expect(() => writeCpio([file("/a"), file("/a/b")])).toThrow('"/a" is no directory');
    for (const bad of ["a", "/", "/a/", "//a", "/a/../b", "/./a"])
      expect(() => writeCpio([file(bad)])).toThrow("it is not a plain absolute path");
  });
});
