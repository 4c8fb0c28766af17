// SPDX-License-Identifier: Apache-2.0
/** `ukl bench redis`: what a request to Redis costs at each level. */

import { redisSuite } from "../../bench/redis.js";
import { defineApplicationBench } from "../run-bench-command.js";

export const command = defineApplicationBench(redisSuite, "Redis");
