// SPDX-License-Identifier: Apache-2.0
/** Redis: one request at a time on one connection, and on each of 50; 16 at once on one. */

import { type Application, applicationSuite } from "./application.js";

export const redis: Application = {
  name: "redis",
  // Nothing is written to the disk in the middle of a region.
  args: ["--save", ""],
  files: async () => [],
  distribution: { package: "redis-server", path: "/usr/bin/redis-server" },
  requests: { get: "GET", set: "SET", incr: "INCR", lpush: "LPUSH", mset: "MSET" },
  loads: { p1: "pipeline 1", p16: "pipeline 16", c50: "50 connections" },
  effects: [
    // A thousand NOPs of the client in an exchange of 16 requests are none of the server's instructions. They are found
    // to a tenth: when softirqs run changes with them, in some boots by 2 instructions.
    { operation: "get_nops_p16_all", reference: "get_p16_all", instructions: 62.5, tolerance: 6 },
    // Its own count has two modes, which differ by less than could be claimed (0.3 % are 12 instructions).
    { operation: "get_nops_p16", reference: "get_p16", instructions: 0, tolerance: 12 },
  ],
};

export const redisSuite = applicationSuite(redis);
