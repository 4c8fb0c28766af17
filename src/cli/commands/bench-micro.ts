// SPDX-License-Identifier: Apache-2.0
/** `ukl bench micro`: what system calls and other services of the kernel cost at each level. */

import { microSuite } from "../../bench/micro.js";
import { defineBenchCommand } from "../run-bench-command.js";

export const command = defineBenchCommand(
  microSuite,
  "Compares the levels with stock Linux of the same configuration, operation by operation.",
);
