// SPDX-License-Identifier: Apache-2.0
/** `ukl bench redis`: what a request to Redis costs at each level. */

import { redisSuite } from "../../bench/suite.js";
import { defineBenchCommand } from "../run-bench-command.js";

export const command = defineBenchCommand(
  redisSuite,
  `Compares the levels with stock Linux of the same configuration, request by request: Redis and its client in one guest,
over loopback. "server" is what the server's process executes, "machine" everything, the client's part included.`,
);
