// SPDX-License-Identifier: Apache-2.0
/**
 * Files of this system at the same places in the guest. A path may lead through links ("/lib" → "usr/lib", "python3" →
 * "python3.11"): the links become part of the image, and the file is where they end.
 */

import type { Stats } from "node:fs";
import { lstat, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import { mapParallel } from "../host/map-parallel.js";
import { isSystemError } from "../host/system-error.js";
import type { GuestFile } from "./initramfs.js";
import type { GuestFiles } from "./load-guest-files.js";

/** Links that lead in a circle. */
const maxLinks = 40;

export class GuestTree {
  /** By the path, here as there; undefined of what is not there. */
  readonly #known = new Map<string, Promise<Stats | undefined>>();
  readonly #links = new Map<string, string>();
  readonly #files = new Map<string, Stats>();
  readonly #directories = new Set<string>();
  readonly #leftOut = new Set<string>();

  /**
   * Adds a file, a link with what it leads to, or a directory without what is in it. Sockets and devices are nothing
   * for an image.
   *
   * @returns the path where the links end; undefined when there is nothing
   */
  async add(file: string): Promise<string | undefined> {
    const real = await this.#follow(file);
    const status = real === undefined ? undefined : await this.#look(real);
    if (real === undefined || status === undefined) return undefined;
    if (status.isFile()) this.#files.set(real, status);
    else if (status.isDirectory()) this.#directories.add(real);
    return real;
  }

  /** The same, but leaves out a file that not everybody may read: keys and passwords are not for an image. */
  async addPublic(file: string): Promise<void> {
    const real = await this.#follow(file);
    const status = real === undefined ? undefined : await this.#look(real);
    if (real !== undefined && status?.isFile() === true && (status.mode & 0o004) === 0)
      this.#leftOut.add(real);
    else await this.add(file);
  }

  /** Where a path ends in the guest, which may be one that only the guest has. */
  resolve(file: string): string {
    let current = file;
    for (let links = 0; links < maxLinks; links++) {
      const [link, target] = [...this.#links].find(([link]) => current.startsWith(`${link}/`)) ?? [];
      if (link === undefined || target === undefined) break;
      current = path.resolve(path.dirname(link), target) + current.slice(link.length);
    }
    return current;
  }

  /** Reads the files; `leftOut` has those that nobody or not everybody may read. */
  async load(): Promise<GuestFiles & { readonly leftOut: readonly string[] }> {
    const names = [...this.#files.keys()].sort();
    const loaded = await mapParallel(names, (name) => this.#loadFile(name));
    const unreadable = names.filter((_name, index) => loaded[index] === undefined);
    const isTaken = (name: string): boolean => this.#files.has(name);
    return {
      files: loaded.filter((file) => file !== undefined),
      links: [...this.#links].map(([path, target]) => ({ path, target })),
      directories: [...this.#directories].sort(),
      leftOut: [...unreadable, ...[...this.#leftOut].filter((name) => !isTaken(name))].sort(),
    };
  }

  async #loadFile(name: string): Promise<GuestFile | undefined> {
    try {
      const mode = ((this.#files.get(name)?.mode ?? 0) & 0o100) === 0 ? 0o644 : 0o755;
      return { path: name, mode, data: await readFile(name) };
    } catch (error) {
      if (isSystemError(error, "EACCES", "EPERM", "ENOENT")) return undefined;
      throw error;
    }
  }

  async #follow(file: string): Promise<string | undefined> {
    let current = "/";
    let links = 0;
    const names = file.split("/");
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const next = path.join(current, name);
      const status = await this.#look(next);
      if (status === undefined || links > maxLinks) return undefined;
      if (!status.isSymbolicLink()) {
        current = next;
        continue;
      }
      links += 1;
      const target = this.#links.get(next) ?? (await readlink(next));
      this.#links.set(next, target);
      if (target.startsWith("/")) current = "/";
      names.unshift(...target.split("/"));
    }
    return current;
  }

  #look(file: string): Promise<Stats | undefined> {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const status = lstat(file).catch((error: unknown) => {
      if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES")) return undefined;
      throw error;
    });
    this.#known.set(file, status);
    return status;
  }
}
