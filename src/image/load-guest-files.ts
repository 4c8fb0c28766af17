// SPDX-License-Identifier: Apache-2.0
/** Reads what an application wants in its image: files, and directories with all that is in them. */

import { readdir, readFile, readlink, stat } from "node:fs/promises";
import path from "node:path";
import type { AppFile } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";
import type { ImageContents } from "./initramfs.js";

export type GuestFiles = Required<Pick<ImageContents, "files" | "links" | "directories">>;

/** Both, and where both have something at a path, what the first has there. */
export function mergeGuestFiles(first: GuestFiles, second: GuestFiles): GuestFiles {
  const taken = new Set([...first.files, ...first.links].map(({ path }) => path));
  const directories = new Set([...first.directories, ...second.directories]);
  const isFree = ({ path }: { readonly path: string }): boolean =>
    !taken.has(path) && !first.directories.includes(path);
  return {
    files: [...first.files, ...second.files.filter(isFree)],
    links: [...first.links, ...second.links.filter(isFree)],
    directories: [...directories].filter((path) => !taken.has(path)),
  };
}

/**
 * Reads them; what may be executed here may be executed there. Links inside a directory stay links.
 *
 * @throws UklError APP_INVALID for a file that does not exist
 */
export async function loadGuestFiles(files: readonly AppFile[]): Promise<GuestFiles> {
  const parts = await Promise.all(files.map(loadEntry));
  return {
    files: parts.flatMap((part) => part.files),
    links: parts.flatMap((part) => part.links),
    directories: parts.flatMap((part) => part.directories),
  };
}

async function loadEntry({ path: guestPath, file }: AppFile): Promise<GuestFiles> {
  try {
    const status = await stat(file);
    if (status.isDirectory()) return await loadDirectory({ path: guestPath, file });
    const mode = status.mode & 0o100 ? 0o755 : 0o644;
    return { files: [{ path: guestPath, mode, data: await readFile(file) }], links: [], directories: [] };
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw explainSystemError(error, `read "${file}"`);
    throw new UklError("APP_INVALID", `Cannot put "${guestPath}" into the image: there is no "${file}"`, {
      hint: 'Correct "files" in its configuration, or --include',
    });
  }
}

async function loadDirectory({ path: guestPath, file }: AppFile): Promise<GuestFiles> {
  const entries = await readdir(file, { withFileTypes: true });
  const placeOf = (name: string): AppFile => ({
    path: path.join(guestPath, name),
    file: path.join(file, name),
  });
  const links = entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => placeOf(name));
  const others = entries.filter((entry) => entry.isFile() || entry.isDirectory());
  const below = await loadGuestFiles(others.map(({ name }) => placeOf(name)));
  return {
    files: below.files,
    links: [
      ...below.links,
      ...(await Promise.all(links.map(async ({ path, file }) => ({ path, target: await readlink(file) })))),
    ],
    directories: [guestPath, ...below.directories],
  };
}
