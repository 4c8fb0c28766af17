// SPDX-License-Identifier: Apache-2.0
/** memcached with one worker thread, its text protocol: one connection, and 16. */

import { type Application, applicationSuite } from "./application.js";

export const memcached: Application = {
  name: "memcached",
  // As many as the machine has processors.
  args: ["--threads=1"],
  files: async () => [],
  distribution: { package: "memcached", path: "/usr/bin/memcached" },
  requests: {
    get: "get of 64 B",
    set: "set of 64 B",
    miss: "get of what is not there",
    incr: "incr",
    mget: "get of four keys",
  },
  loads: { c1: "1 connection", c16: "16 connections" },
  effects: [
    // A thousand NOPs of the client are none of the server's instructions. What may be off is less than could be claimed.
    { operation: "get_nops_c1_all", reference: "get_c1_all", instructions: 1000, tolerance: 76 },
    { operation: "get_nops_c1", reference: "get_c1", instructions: 0, tolerance: 39 },
  ],
};

export const memcachedSuite = applicationSuite(memcached);
