// SPDX-License-Identifier: Apache-2.0
/** Commands as text that can be pasted into a shell. */

import type { Environment } from "./environment.js";

export interface FormattedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: Environment | undefined;
}

/** Formats a command for a POSIX shell: `cd /build && CC=gcc make -j2 all`. */
export function formatCommand({ file, args, cwd, env = {} }: FormattedCommand): string {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${quoteForShell(value)}`);
  const command = [...assignments, ...[file, ...args].map(quoteForShell)].join(" ");
  return cwd === undefined ? command : `cd ${quoteForShell(cwd)} && ${command}`;
}

/** Quotes one word for a POSIX shell, only when it needs it. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
