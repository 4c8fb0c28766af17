// SPDX-License-Identifier: Apache-2.0
/** memcached with one worker thread, its text protocol: one connection, and 16. */

import { type Application, applicationSuite } from "./application.js";

export const memcached: Application = {
  name: "memcached",
  // As many as the machine has processors.
  args: ["--threads=1"],
  files: async () => [],
  requests: {
    get: "get of 64 B",
    set: "set of 64 B",
    miss: "get of what is not there",
    incr: "incr",
    mget: "get of four keys",
  },
  loads: { c1: "1 connection", c16: "16 connections" },
  effects: [
    { operation: "get_nops_c16_all", reference: "get_c16_all", instructions: 62.5, tolerance: 2 },
    { operation: "get_nops_c16", reference: "get_c16", instructions: 0, tolerance: 12 },
  ],
};

export const memcachedSuite = applicationSuite(memcached);
