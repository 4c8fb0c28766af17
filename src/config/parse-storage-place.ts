// SPDX-License-Identifier: Apache-2.0
/** Volumes and disks as people write them, on the command line and in a configuration. */

export interface StoragePlace {
  /** A directory or an image of this host, as written. */
  readonly source: string;
  /** In the guest; undefined when it is left out. */
  readonly path: string | undefined;
  readonly readOnly: boolean;
}

/**
 * Parses `SOURCE[:PATH][:ro]`.
 *
 * @returns undefined when the text is nothing of the kind
 */
export function parseStoragePlace(text: string): StoragePlace | undefined {
  const readOnly = text.endsWith(":ro");
  const [source, path, ...more] = text.slice(0, readOnly ? -3 : undefined).split(":");
  if (!source || more.length > 0 || (path !== undefined && !isGuestPath(path))) return undefined;
  return { source, path, readOnly };
}

/** Whether a path is absolute and does not climb. */
export function isGuestPath(path: string): boolean {
  return path.startsWith("/") && !path.split("/").includes("..");
}
