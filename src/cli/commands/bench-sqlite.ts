// SPDX-License-Identifier: Apache-2.0
/** `ukl bench sqlite`: what SQLite's statements cost at each level. */

import { sqliteSuite } from "../../bench/sqlite.js";
import { defineBenchCommand } from "../run-bench-command.js";

export const command = defineBenchCommand(
  sqliteSuite,
  `Compares the levels with stock Linux of the same configuration, statement by statement: SQLite in the program's own process, with a
database in memory and one in a file of tmpfs. Each statement is a transaction, with a journal.`,
);
