// SPDX-License-Identifier: Apache-2.0
/** Directories and disk images of the host that the guest sees: from the command line to both sides' view of them. */

import { mkdir, open, stat } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError } from "../host/system-error.js";
import type { GuestMount } from "../image/guest-configuration.js";
import { type Disk, diskDevice, type Volume, volumeTag } from "./qemu-arguments.js";

export interface Storage {
  readonly volumes: readonly Volume[];
  readonly disks: readonly Disk[];
  /** The guest's part of it. */
  readonly mounts: readonly GuestMount[];
}

/**
 * Resolves `DIR[:PATH]` of --volume and `IMAGE[:PATH]` of --disk, each with ":ro" at the end if it is only to be read. A
 * directory that does not exist is made.
 *
 * @param defaultPaths where the application keeps its data, for those without PATH
 * @throws UklError USAGE_INVALID
 */
export async function resolveStorage(
  request: { readonly volumes: readonly string[]; readonly disks: readonly string[] },
  defaultPaths: readonly string[],
): Promise<Storage> {
  const unused = defaultPaths.slice();
  const parse = (text: string): Place => parsePlace(text, unused);
  const volumes = request.volumes.map(parse);
  const disks = request.disks.map(parse);
  await Promise.all(volumes.map(makeDirectory));
  return {
    volumes: volumes.map(({ hostPath, readOnly }) => ({ hostPath, readOnly })),
    disks: await Promise.all(disks.map(resolveDisk)),
    mounts: [
      ...volumes.map(({ guestPath, readOnly }, index) => ({
        type: "9p",
        source: volumeTag(index),
        directory: guestPath,
        // The largest messages that virtio carries; mmap works and only it is cached.
        options: [
          "trans=virtio",
          "version=9p2000.L",
          "msize=524288",
          "cache=mmap",
          ...(readOnly ? ["ro"] : []),
        ],
      })),
      ...disks.map(({ guestPath, readOnly }, index) => ({
        type: "ext4",
        source: diskDevice(index),
        directory: guestPath,
        options: readOnly ? ["ro"] : [],
      })),
    ],
  };
}

interface Place {
  readonly hostPath: string;
  readonly guestPath: string;
  readonly readOnly: boolean;
}

function parsePlace(text: string, unusedPaths: string[]): Place {
  const readOnly = text.endsWith(":ro");
  const [host, guest, ...more] = text.slice(0, readOnly ? -3 : undefined).split(":");
  const guestPath = guest ?? unusedPaths.shift();
  if (!host || more.length > 0 || guestPath === undefined || !path.isAbsolute(guestPath)) {
    const reason =
      guestPath === undefined ? "the application has no directory of its own for data" : "it is not DIR:PATH";
    throw new UklError("USAGE_INVALID", `Cannot use "${text}" as storage: ${reason}`, {
      hint: "Say where in the guest it shall be: --volume ./data:/data",
    });
  }
  return { hostPath: path.resolve(host), guestPath: path.normalize(guestPath), readOnly };
}

async function makeDirectory({ hostPath }: Place): Promise<void> {
  try {
    await mkdir(hostPath, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw explainSystemError(error, `make "${hostPath}"`);
    throw new UklError("USAGE_INVALID", `Cannot use "${hostPath}" as a volume: it is not a directory`);
  }
}

async function resolveDisk({ hostPath }: Place): Promise<Disk> {
  const isFile = await stat(hostPath).then(
    (stats) => stats.isFile() || stats.isBlockDevice(),
    () => false,
  );
  if (!isFile) {
    throw new UklError("USAGE_INVALID", `Cannot use "${hostPath}" as a disk: there is no such file`, {
      hint: `Make one: truncate -s 1G ${hostPath} && mkfs.ext4 ${hostPath}`,
    });
  }
  await using handle = await open(hostPath);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return { hostPath, format: buffer.toString("latin1") === "QFI\xfb" ? "qcow2" : "raw" };
}
