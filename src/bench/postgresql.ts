// SPDX-License-Identifier: Apache-2.0
/** PostgreSQL on one connection: pgbench's two scripts, as userland/bench/postgresql.c asks for them. */

import { loadRecipe } from "../app/recipes.js";
import { type Application, applicationSuite } from "./application.js";

export const postgresql: Application = {
  name: "postgresql",
  // Nothing is cleaned up or written to the disk in the middle of a region.
  args: [
    "autovacuum=off",
    "bgwriter_lru_maxpages=0",
    "checkpoint_timeout=1d",
    "unix_socket_directories=",
  ].flatMap((setting) => ["-c", setting]),
  files: async () => [],
  requests: {
    select: "SELECT of a balance by its key",
    tpcb: "transaction of seven statements (TPC-B)",
  },
  loads: { c1: "1 connection" },
  effects: [
    // A thousand NOPs of the client are none of the server's instructions. What may be off is less than could be claimed.
    { operation: "select_nops_c1_all", reference: "select_c1_all", instructions: 1000, tolerance: 300 },
    { operation: "select_nops_c1", reference: "select_c1", instructions: 0, tolerance: 150 },
  ],
  // The client, which has to be root, makes the database as another user.
  describe: async () => ({ ...(await loadRecipe("postgresql")), user: undefined, setup: [] }),
  memoryMib: 512,
};

export const postgresqlSuite = applicationSuite(postgresql);
