// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

/** Inserts, indexes, joins, groups and sorts; the last line is the answer. */
const workload = `
CREATE TABLE item(id INTEGER PRIMARY KEY, kind INTEGER, name TEXT);
BEGIN;
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i < 20000)
  INSERT INTO item SELECT i, i % 7, printf('item %06d', (i * 7919) % 20000) FROM n;
COMMIT;
CREATE INDEX item_name ON item(name);
CREATE VIRTUAL TABLE words USING fts5(name);
INSERT INTO words SELECT name FROM item WHERE id <= 1000;
UPDATE item SET kind = kind + 1 WHERE id % 3 = 0;
DELETE FROM item WHERE name BETWEEN 'item 000100' AND 'item 000199';
SELECT count(*), sum(kind), min(name), max(name) FROM item;
SELECT count(*) FROM words WHERE words MATCH '"item 000100"';
PRAGMA integrity_check;
SELECT 'done';
`;

export default defineApp({
  name: "sqlite",
  summary: "SQLite 3.40: database in a file, with its shell, from Debian's source package, unmodified",
  license: "blessing",
  source: { kind: "debian-source", package: "sqlite3", version: "3.40.1" },
  build: {
    system: "configure",
    options: [
      "--enable-all",
      "--disable-tcl",
      "--disable-readline",
      "--disable-load-extension",
      "--disable-shared",
    ],
    targets: ["sqlite3"],
    // It generates its code.
    tools: ["tclsh"],
  },
  program: "sqlite3",
  args: ["/data/main.db"],
  volumes: ["/data"],
  memory: "128M",
  test: async (vm) => {
    vm.stdin.end(workload);
    await vm.waitForOutput("ok\ndone\n");
    const { status } = await vm.exited;
    if (status !== 0) throw new Error(`it ended with status ${status}`);
  },
});
