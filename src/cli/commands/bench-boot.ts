// SPDX-License-Identifier: Apache-2.0
/** `ukl bench boot`: what comes before the program, and what an image needs. */

import { bootSuite } from "../../bench/boot.js";
import { defineBenchCommand } from "../run-bench-command.js";

export const command = defineBenchCommand(
  bootSuite,
  `Compares the one file that "ukl build" makes with stock Linux of the same configuration in the same form: from power-on to
main() of a hello program, and to Redis' first answer; the file's size; the least memory with which it still does it.`,
);
