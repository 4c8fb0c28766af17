// SPDX-License-Identifier: Apache-2.0
/** What a command is given when it runs: the parsed command line, and the means to work with it. */

import type { Context } from "../host/context.js";

/** The flags that every command has. */
export interface CommonFlags {
  /** -v: 1, -vv: 2. */
  readonly verbose?: number;
  readonly yes?: boolean;
}

export interface Invocation<Flags, Args extends readonly unknown[]> {
  readonly ctx: Context;
  readonly flags: Flags & CommonFlags;
  readonly args: Args;
  /** What came after `--`, unparsed; empty for commands that do not take it. */
  readonly passthrough: readonly string[];
  /** Writes a line to stdout: results only. */
  readonly print: (text: string) => void;
}
