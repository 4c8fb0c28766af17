// SPDX-License-Identifier: Apache-2.0
/**
 * Writes cpio archives in the "newc" form, the one that the kernel unpacks (its
 * Documentation/driver-api/early-userspace/buffer-format.rst). Deterministic: entries are sorted, everything
 * belongs to root, times are zero and inode numbers count up, so the same entries
 * give the same bytes.
 */

import { UklError } from "../errors/ukl-error.js";

/** Paths are absolute in the guest; modes are permission bits (0o755). */
export type CpioEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly data: Uint8Array }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  | {
      readonly kind: "character-device";
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

/**
 * Writes an archive. Parent directories that are not listed are added with mode 755. Archives
 * may be concatenated: the kernel unpacks them in order, later files replace earlier ones.
 *
 * @throws UklError IMAGE_INVALID for two entries of one path, or a path that is not absolute and plain
 */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const members = completeEntries(entries).map((entry, index) => encodeMember(entry, index + 1));
  const chunks = [...members.flat(), ...encodeTrailer()];
  const sizeBytes = chunks.reduce((sum, chunk) => sum + padded(chunk.length, 4), 0);
  const archive = new Uint8Array(padded(sizeBytes, blockBytes));
  let at = 0;
  for (const chunk of chunks) {
    archive.set(chunk, at);
    at += padded(chunk.length, 4);
  }
  return archive;
}

/** What archives are padded to, as by cpio(1). */
const blockBytes = 512;

const typeBits = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  "character-device": 0o020000,
} as const satisfies Record<CpioEntry["kind"], number>;

function completeEntries(entries: readonly CpioEntry[]): CpioEntry[] {
  const byPath = new Map<string, CpioEntry>();
  for (const entry of entries) {
    checkPath(entry.path);
    if (byPath.has(entry.path))
      throw new UklError("IMAGE_INVALID", `Cannot put "${entry.path}" into the image: it is there already`);
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) {
    for (const directory of parentsOf(entry.path)) {
      const present = byPath.get(directory);
      if (present === undefined) byPath.set(directory, { kind: "directory", path: directory, mode: 0o755 });
      else if (present.kind !== "directory")
        throw new UklError(
          "IMAGE_INVALID",
          `Cannot put "${entry.path}" into the image: "${directory}" is no directory`,
        );
    }
  }
  // By code unit, not by locale; a directory sorts before what is in it.
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function checkPath(path: string): void {
  const plain = /^(\/[^/\0]+)+$/.test(path) && !path.split("/").some((part) => part === "." || part === "..");
  if (!plain)
    throw new UklError(
      "IMAGE_INVALID",
      `Cannot put "${path}" into the image: it is not a plain absolute path`,
    );
}

function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

/** Header with name, and content; each is padded to four bytes in the archive. */
function encodeMember(entry: CpioEntry, inode: number): Uint8Array[] {
  const data = contentOf(entry);
  const header = {
    name: entry.path.slice(1),
    inode,
    mode: typeBits[entry.kind] | (entry.kind === "symlink" ? 0o777 : entry.mode),
    links: entry.kind === "directory" ? 2 : 1,
    sizeBytes: data.length,
  };
  return [encodeHeader(entry.kind === "character-device" ? { ...header, device: entry } : header), data];
}

function encodeTrailer(): Uint8Array[] {
  return [encodeHeader({ name: "TRAILER!!!", inode: 0, mode: 0, links: 1, sizeBytes: 0 })];
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.data;
  return entry.kind === "symlink" ? Buffer.from(entry.target) : new Uint8Array();
}

interface Header {
  readonly name: string;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly sizeBytes: number;
  readonly device?: { readonly major: number; readonly minor: number };
}

function encodeHeader(header: Header): Uint8Array {
  const name = Buffer.from(`${header.name}\0`);
  const { major, minor } = header.device ?? { major: 0, minor: 0 };
  const [user, group, time, holdingMajor, holdingMinor, checksum] = [0, 0, 0, 0, 0, 0];
  const fields = [
    ...[header.inode, header.mode, user, group, header.links, time, header.sizeBytes],
    ...[holdingMajor, holdingMinor, major, minor, name.length, checksum],
  ];
  const text = fields.map((field) => field.toString(16).toUpperCase().padStart(8, "0")).join("");
  return Buffer.concat([Buffer.from(`070701${text}`), name]);
}

function padded(sizeBytes: number, alignment: number): number {
  return Math.ceil(sizeBytes / alignment) * alignment;
}
