// SPDX-License-Identifier: Apache-2.0
/** Where the program is in the guest, and what lies around it. */

import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import type { BuiltApp } from "../app/build-app.js";
import type { AppFile, AppModule } from "../config/app.js";
import { guestPathOf } from "../config/guest-path.js";
import { isDynamic, parseElf } from "../elf/parse-elf.js";
import type { Context } from "../host/context.js";
import { collectLibraries, collectProgramRuntime } from "./collect-runtime.js";
import type { GuestFile } from "./initramfs.js";
import { type GuestFiles, loadGuestFiles, mergeGuestFiles } from "./load-guest-files.js";

export interface PlacedProgram {
  /** By which it is started. */
  readonly path: string;
  /** Where the file is; the path may be a link that leads here. */
  readonly file: string;
  /** Everything but the program. */
  readonly files: GuestFiles;
}

/**
 * A static program is /bin/NAME, a dynamic one is where it is on this system, with what it needs from there. The
 * application's own files take the places of the system's.
 *
 * @throws UklError APP_INVALID when a library or a file is missing
 */
export async function placeProgram(
  ctx: Context,
  { app, program, installed }: BuiltApp,
  files: readonly AppFile[],
): Promise<PlacedProgram> {
  const loaded = await loadGuestFiles([...installed, ...files]);
  const storage = [...app.volumes, ...app.disks].map((place) => place.path);
  const own = {
    ...loaded,
    files: [...loaded.files, ...app.modules.flatMap(moduleFile)],
    directories: [...loaded.directories, ...storage],
  };
  const elf = parseElf(await readFile(program), program);
  const libraries = await collectLibraries(ctx, own.files);
  if (!isDynamic(elf)) {
    const file = libraries.resolve(app.programPath ?? `/bin/${app.name}`);
    return { path: file, file, files: merge(own, libraries, file) };
  }
  const runtime = await collectProgramRuntime(ctx, program, elf);
  const file = guestPathOf(await realpath(program));
  const all = { ...mergeGuestFiles(runtime, libraries), resolve: runtime.resolve };
  return { path: guestPathOf(path.resolve(program)), file, files: merge(own, all, file) };
}

/** Programs look whether a module is there before they open it. */
function moduleFile({ path: name }: AppModule): GuestFile[] {
  const data = Buffer.from("This module is linked into the program.\n");
  return name.startsWith("/") ? [{ path: path.normalize(name), mode: 0o755, data }] : [];
}

/** Puts the application's files where the system's links lead, and leaves the program out. */
function merge(
  own: GuestFiles,
  system: GuestFiles & { readonly resolve: (path: string) => string },
  program: string,
): GuestFiles {
  const place = <Entry extends { readonly path: string }>(entry: Entry): Entry => ({
    ...entry,
    path: system.resolve(entry.path),
  });
  const placed = {
    files: own.files.map(place),
    links: own.links.map(place),
    directories: own.directories.map(system.resolve),
  };
  const merged = mergeGuestFiles(placed, system);
  return { ...merged, files: merged.files.filter(({ path }) => path !== program) };
}
