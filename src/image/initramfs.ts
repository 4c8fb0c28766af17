// SPDX-License-Identifier: Apache-2.0
/** Puts an image's root file system together: /init, the application with its files, and what every program expects. */

import { type CpioEntry, writeCpio } from "./cpio.js";
import { formatGuestConfiguration, type GuestConfiguration } from "./guest-configuration.js";

export interface GuestFile {
  /** Absolute, in the guest. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly data: Uint8Array;
}

export interface GuestLink {
  /** Absolute, in the guest. */
  readonly path: string;
  /** Where it leads, as it is written. */
  readonly target: string;
}

export interface ImageContents {
  /** Our /init, from `buildGuestProgram`. */
  readonly init: Uint8Array;
  /** A program that the kernel starts in its place, and which becomes it: /init.next. */
  readonly starter?: Uint8Array | undefined;
  readonly program: Uint8Array;
  /** Where the program is put; default `configuration.program`, which may be a link that leads here. */
  readonly programPath?: string;
  readonly files: readonly GuestFile[];
  readonly links?: readonly GuestLink[];
  /** Empty ones that the application expects; a file system may be mounted there. */
  readonly directories?: readonly string[];
  readonly configuration: GuestConfiguration;
}

/**
 * Builds the archive for `-initrd` or for the kernel's built-in initramfs. The application's files may
 * replace the standard ones (`/etc/passwd`, …).
 *
 * @throws UklError IMAGE_INVALID when two of its files have one path
 */
export function buildInitramfs(contents: ImageContents): Uint8Array {
  const { configuration, init, starter } = contents;
  const given: CpioEntry[] = [
    { kind: "file", path: "/init", mode: 0o755, data: starter ?? init },
    ...(starter === undefined
      ? []
      : [{ kind: "file", path: "/init.next", mode: 0o755, data: init } as const]),
    { kind: "file", ...programFile(contents) },
    textFile("/etc/ukl/init.conf", formatGuestConfiguration(configuration)),
    ...contents.files.map((file): CpioEntry => ({ kind: "file", ...file })),
    ...(contents.links ?? []).map((link): CpioEntry => ({ kind: "symlink", ...link })),
    ...(contents.directories ?? []).map((path): CpioEntry => ({ kind: "directory", path, mode: 0o755 })),
  ];
  const taken = new Set(given.map(({ path }) => path));
  return writeCpio([...given, ...standardEntries.filter(({ path }) => !taken.has(path))]);
}

/** The application itself, where it is put: for an image that starts another program beside it. */
export function programFile({ program, programPath, configuration }: ImageContents): GuestFile {
  return { path: programPath ?? configuration.program, mode: 0o755, data: program };
}

function textFile(path: string, text: string): CpioEntry {
  return { kind: "file", path, mode: 0o644, data: Buffer.from(text) };
}

/** Where the application has none of its own. */
export const standardAccounts = {
  passwd: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  group: "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n",
} as const;

const standardEntries: readonly CpioEntry[] = [
  // The kernel opens it for /init before devtmpfs is mounted.
  { kind: "character-device", path: "/dev/console", mode: 0o600, major: 5, minor: 1 },
  { kind: "directory", path: "/root", mode: 0o700 },
  { kind: "directory", path: "/tmp", mode: 0o1777 },
  { kind: "directory", path: "/var/tmp", mode: 0o1777 },
  // Where daemons wrote their process numbers before there was /run.
  { kind: "symlink", path: "/var/run", target: "/run" },
  textFile("/etc/passwd", standardAccounts.passwd),
  textFile("/etc/group", standardAccounts.group),
  textFile("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
];
