// SPDX-License-Identifier: Apache-2.0
/** What userland/profile sends: files with their paths. */

export interface ProfileFile {
  /** Absolute, where the object was compiled. */
  readonly path: string;
  readonly data: Uint8Array;
}

/** @throws Error when it is not complete */
export function parseProfile(bytes: Buffer): ProfileFile[] {
  const files: ProfileFile[] = [];
  let offset = 0;
  for (;;) {
    const end = bytes.indexOf("\n", offset);
    if (end < 0) throw new Error("the profile ends too early");
    const line = bytes.toString("utf8", offset, end);
    if (line === "") return files;
    const [, path, size] = /^(.+) (\d+)$/.exec(line) ?? [];
    if (path === undefined) throw new Error(`the profile has a line that is none of its: ${line}`);
    const [from, to] = [end + 1, end + 1 + Number(size)];
    if (to > bytes.length) throw new Error("the profile ends too early");
    files.push({ path, data: bytes.subarray(from, to) });
    offset = to;
  }
}
