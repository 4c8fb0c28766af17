// SPDX-License-Identifier: Apache-2.0
/**
 * Every command, one line each. A command's module is loaded only when it is the one
 * that was typed: starting up costs nothing for the others.
 */

import type { DefinedCommand } from "./define-command.js";

export interface CommandEntry {
  readonly brief: string;
  readonly load: () => Promise<{ readonly command: DefinedCommand }>;
}

/** A command, or a group of subcommands with the one that runs when none is named. */
export type TableEntry =
  | CommandEntry
  | { readonly brief: string; readonly commands: Readonly<Record<string, CommandEntry>> };

export const commandTable: Readonly<Record<string, TableEntry>> = {
  doctor: {
    brief: "List what is needed, what is there, and how to install the rest",
    load: () => import("./commands/doctor.js"),
  },
};
