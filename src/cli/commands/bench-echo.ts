// SPDX-License-Identifier: Apache-2.0
/** `ukl bench echo`: what sending back a message costs at each level, and with io_uring and eBPF on stock Linux. */

import { echoSuite } from "../../bench/echo.js";
import { defineBenchCommand } from "../run-bench-command.js";

export const command = defineBenchCommand(
  echoSuite,
  `Compares the levels with stock Linux of the same configuration, and with an echo server of the same work that uses io_uring, and
one that is an eBPF program in the kernel. "machine" is everything that is executed for a message, "server" all of it
but what the client's process executes.`,
);
