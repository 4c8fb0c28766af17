// SPDX-License-Identifier: Apache-2.0
/** Where a kernel, a library or an application comes from, as recipes and configurations declare it. */

import type { SourceFile } from "./list-source.js";

export type SourceSpec = DebianSpec | TarballSpec | DirectorySpec;

export interface DebianSpec {
  /** A built package (its files), or a source package (unpacked, with the distribution's patches applied). */
  readonly kind: "debian-binary" | "debian-source";
  readonly package: string;
  /** Of a built package: with the files of all packages that it depends on; default without. */
  readonly dependencies?: boolean | undefined;
  /**
   * The upstream version ("7.0.15"), its first parts ("7.0"; the newest that begins so), or the complete one
   * ("5:7.0.15-1~deb12u5"); without it the newest.
   */
  readonly version?: string | undefined;
  /** Of a source package: the release of Debian that has it ("trixie"); default this machine's own. */
  readonly release?: string | undefined;
}

export interface TarballSpec {
  readonly kind: "tarball";
  readonly url: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface DirectorySpec {
  readonly kind: "directory";
  /** Absolute. */
  readonly path: string;
  /** Files and directories that do not belong to it, relative to it. */
  readonly except?: readonly string[] | undefined;
}

export interface FetchedSource {
  /** A directory to read from, never to write to: the unpacked package or tarball, or the directory itself. */
  readonly path: string;
  readonly name: string;
  /** As its origin numbers it; empty for a directory. */
  readonly version: string;
  /** Of the package, its .dsc, the tarball, or the directory's tree: what results are keyed by. */
  readonly sha256: string;
  /** What a directory, which may change, consists of; undefined for what does not change. */
  readonly files: readonly SourceFile[] | undefined;
}
