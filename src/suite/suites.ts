// SPDX-License-Identifier: Apache-2.0
/** All suites, by their names. */

import { glibc } from "./glibc.js";
import { memcached } from "./memcached.js";
import { redis } from "./redis.js";
import { sqlite } from "./sqlite.js";
import type { ForeignSuite } from "./suite.js";

export const foreignSuites: readonly ForeignSuite[] = [redis, memcached, sqlite, glibc];
