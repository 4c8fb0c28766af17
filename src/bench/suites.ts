// SPDX-License-Identifier: Apache-2.0
/** Every suite, in the order in which a reader wants them. */

import { bootSuite } from "./boot.js";
import { echoSuite } from "./echo.js";
import { memcachedSuite } from "./memcached.js";
import { microSuite } from "./micro.js";
import { nginxSuite } from "./nginx.js";
import { postgresqlSuite } from "./postgresql.js";
import { redisSuite } from "./redis.js";
import { sqliteSuite } from "./sqlite.js";
import type { Suite } from "./suite.js";

export const suites: readonly Suite[] = [
  microSuite,
  echoSuite,
  redisSuite,
  memcachedSuite,
  nginxSuite,
  sqliteSuite,
  postgresqlSuite,
  bootSuite,
];
