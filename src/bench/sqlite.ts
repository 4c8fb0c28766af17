// SPDX-License-Identifier: Apache-2.0
/** SQLite in its program's process: statements on a database in memory, and on one in a file of tmpfs. */

import type { App } from "../config/app.js";
import { parseAppConfig } from "../config/parse-app-config.js";
import type { Context } from "../host/context.js";
import { packagePath } from "../host/package-path.js";
import { buildUnmodified } from "./build-unmodified.js";
import { type PreparedBoot, prepareProgram } from "./prepare-boot.js";
import type { Suite } from "./suite.js";
import { baseline, comparedLevels, relinked, unmitigated, type Variant } from "./variant.js";

const statements = {
  insert: "INSERT of a row",
  select: "SELECT of a row by its key",
  update: "UPDATE of a row by its key",
  transaction: "ten UPDATEs in a transaction",
  sum: "sum over 100 rows",
} as const satisfies Readonly<Record<string, string>>;

const places = { memory: "in memory", file: "in a file" } as const satisfies Readonly<Record<string, string>>;

export const sqliteSuite: Suite = {
  name: "sqlite",
  unit: "per operation, the program's own included",
  operations: Object.entries(places).flatMap(([place, where]) =>
    Object.entries(statements).map(([name, what]) => ({
      name: `${name}_${place}`,
      title: `${what}, ${where}`,
    })),
  ),
  effects: [
    // Found as 998.4 in every boot; why not as 1000 is not known. What can be claimed begins at 59.
    { operation: "select_nops_memory", reference: "select_memory", instructions: 1000, tolerance: 5 },
    // Less than could be claimed: half of it are system calls, and the timer's interrupts come at other places.
    { operation: "select_nops_file", reference: "select_file", instructions: 1000, tolerance: 59 },
  ],
  baseline,
  references: [unmitigated, relinked],
  levels: comparedLevels,
  prepare: (ctx, variant) => prepareSqlite(ctx, program, variant),
  time: { prepare: (ctx, variant) => prepareSqlite(ctx, timedProgram, variant), requests: [] },
};

async function prepareSqlite(ctx: Context, program: App, variant: Variant): Promise<PreparedBoot> {
  const app = variant.program === "relinked" ? program : await buildUnmodified(ctx, program);
  return prepareProgram(ctx, app, variant);
}

/** With Debian's library, which is the one of apps/sqlite, too, in the configuration of the distribution. */
const program = describeSqlite([], []);
const timedProgram = describeSqlite(["timed/clock.c"], ["-DIN_TIME"]);

function describeSqlite(files: readonly string[], flags: readonly string[]): App {
  return parseAppConfig(
    {
      name: "sqlite-bench",
      build: {
        system: "c",
        files: ["bench/report.c", "sqlite/sqlite.c", ...files],
        flags: ["-std=gnu11", "-Wall", "-Wextra", "-D_GNU_SOURCE", ...flags],
        packages: ["libsqlite3-dev"],
        libraries: ["sqlite3", "m"],
      },
    },
    packagePath("userland", "sqlite-bench"),
  );
}
