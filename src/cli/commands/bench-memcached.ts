// SPDX-License-Identifier: Apache-2.0
/** `ukl bench memcached`: what a request to memcached costs at each level. */

import { memcachedSuite } from "../../bench/memcached.js";
import { defineApplicationBench } from "../run-bench-command.js";

export const command = defineApplicationBench(memcachedSuite, "memcached");
