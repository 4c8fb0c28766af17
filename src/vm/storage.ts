// SPDX-License-Identifier: Apache-2.0
/** Directories and disk images of the host that the guest sees: from the command line to both sides' view of them. */

import { open, stat } from "node:fs/promises";
import path from "node:path";
import type { App } from "../config/app.js";
import { parseStoragePlace } from "../config/parse-storage-place.js";
import { UklError } from "../errors/ukl-error.js";
import { makeDirectory } from "../host/make-directory.js";
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
 * Resolves `DIR[:PATH]` of --volume and `IMAGE[:PATH]` of --disk, each with ":ro" at the end if it is only to be read, and
 * adds the application's own volumes and disks, except where the request puts something else. A directory that does
 * not exist is made.
 *
 * @throws UklError USAGE_INVALID
 */
export async function resolveStorage(
  request: { readonly volumes: readonly string[]; readonly disks: readonly string[] },
  app: Pick<App, "volumes" | "disks">,
): Promise<Storage> {
  const unused = app.volumes.map(({ path }) => path);
  const parse = (text: string): Place => resolvePlace(text, unused);
  const asked = { volumes: request.volumes.map(parse), disks: request.disks.map(parse) };
  const taken = new Set([...asked.volumes, ...asked.disks].map(({ guestPath }) => guestPath));
  const own = ownPlaces(app, taken);
  const volumes = [...asked.volumes, ...own.volumes];
  const disks = [...asked.disks, ...own.disks];
  await Promise.all(volumes.map(makeVolume));
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

function resolvePlace(text: string, unusedPaths: string[]): Place {
  const parsed = parseStoragePlace(text);
  const guestPath = parsed?.path ?? (parsed === undefined ? undefined : unusedPaths.shift());
  if (parsed === undefined || guestPath === undefined) {
    const reason =
      parsed === undefined ? "it is not DIR:PATH" : "the application has no directory of its own for data";
    throw new UklError("USAGE_INVALID", `Cannot use "${text}" as storage: ${reason}`, {
      hint: "Say where in the guest it shall be: --volume ./data:/data",
    });
  }
  return {
    hostPath: path.resolve(parsed.source),
    guestPath: path.normalize(guestPath),
    readOnly: parsed.readOnly,
  };
}

/** What the application brings itself, without what others have taken the place of. */
function ownPlaces(
  { volumes, disks }: Pick<App, "volumes" | "disks">,
  taken: ReadonlySet<string>,
): { readonly volumes: Place[]; readonly disks: Place[] } {
  const toPlace = (path: string, hostPath: string | undefined, readOnly: boolean): Place[] =>
    hostPath === undefined || taken.has(path) ? [] : [{ hostPath, guestPath: path, readOnly }];
  return {
    volumes: volumes.flatMap(({ path, directory, readOnly }) => toPlace(path, directory, readOnly)),
    disks: disks.flatMap(({ path, image, readOnly }) => toPlace(path, image, readOnly)),
  };
}

async function makeVolume({ hostPath }: Place): Promise<void> {
  try {
    await makeDirectory(hostPath);
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
