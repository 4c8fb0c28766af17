// SPDX-License-Identifier: Apache-2.0
/** SQLite's own tests: scripts in Tcl for a program that is SQLite, Tcl and the parts of both that are only for tests. */

import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { AppFile } from "../config/app.js";
import type { Context } from "../host/context.js";
import { loadGuestFiles, mergeGuestFiles } from "../image/load-guest-files.js";
import { fetchSource } from "../source/fetch-source.js";
import { buildRecipePrograms, type DriverRequest, loadDrivers, type RecipeProgram } from "./guest-parts.js";
import { type ForeignSuite, type ItemRun, type SuiteItem, type SuiteTest, suiteDirectory } from "./suite.js";

/** Headers and a static library. */
const tclPackage = "tcl8.6-dev";
/** The shell has one of its own, with fewer options. */
const setpriv = "/usr/bin/setpriv";

const drivers: readonly DriverRequest[] = [
  // Only for its scripts, which the library reads.
  { package: "tcl8.6", path: "/usr/bin/tclsh8.6", directories: ["/usr/share/tcltk"] },
  { package: "util-linux", path: setpriv },
];

const testfixture = `${suiteDirectory}/testfixture`;

export const sqlite: ForeignSuite = {
  name: "sqlite",
  summary: "SQLite's test/: SQL, and files that are locked, shared, mapped, and torn by crashes",
  prepare: async (ctx) => {
    const source = await buildRecipePrograms(ctx, "sqlite", [await describeProgram(ctx)]);
    const directory = path.join(source.tree, "test");
    const names = (await readdir(directory)).filter((name) => name.endsWith(".test")).sort();
    const files = [
      source.programs,
      await loadDrivers(ctx, drivers),
      await loadGuestFiles(await findSmallFiles(directory)),
    ];
    const chosen = names.filter((name) => areas.test(name));
    return {
      version: source.version,
      files: files.reduce(mergeGuestFiles),
      items: chosen.map(describeTest),
      leftOut: [
        {
          name: `${names.length - chosen.length} of ${names.length} files`,
          reason: "under emulation they take hours, and ask the system for nothing that the others do not",
        },
      ],
      ...{ memoryMib: 1_024, cpus: 2, itemsPerBoot: 8 },
    };
  },
};

/** Without configure's search for Tcl, which finds the system's libraries and with them its C library. */
async function describeProgram(ctx: Context): Promise<RecipeProgram> {
  const { path: tree } = await fetchSource(ctx, { kind: "debian-binary", package: tclPackage });
  return {
    path: testfixture,
    options: [
      ...["--enable-all", "--disable-tcl", "--disable-readline", "--disable-load-extension"],
      ...["--disable-shared", `CPPFLAGS=-I${path.join(tree, "usr/include/tcl8.6")}`],
    ],
    packages: [tclPackage, "zlib1g-dev"],
    variables: { LIBTCL: "-ltcl8.6 -lz -lm" },
    targets: ["testfixture"],
    program: "testfixture",
  };
}

/** What leans on the system: files, locks, memory maps, threads, processes, time; and the heart of SQL. */
const areas =
  /^(select[1-9]|insert|update|delete|join|trans|savepoint|lock|wal|walcrash|crash|io|pager[1-4]|shared|thread00[1-5]|mutex|mmap|multiplex|vacuum|backup|attach|journal|syscall|sync|tempdb|nolock|unixexcl|exclusive|corrupt|date|func|fts3aa|rtree1|json101|window1|printf|subquery|trigger1|view|with1|zeroblob|blob|sort|hook|interrupt|capi2)\d?\.test$/;

/** The databases of the fuzzer are larger than all the rest. */
const largestBytes = 1_000_000;

async function findSmallFiles(directory: string): Promise<AppFile[]> {
  const files: AppFile[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isFile() && (await stat(file)).size <= largestBytes)
      files.push({ path: `${suiteDirectory}/test/${entry.name}`, file });
  }
  return files;
}

/** Some want files that they may not write to, which there are none of for root. */
const user = 1000;

function describeTest(file: string): SuiteItem {
  const directory = "/tmp/sqlite";
  return {
    name: file,
    command: [
      `rm -rf ${directory}; mkdir ${directory}; chown ${user}:${user} ${directory}; cd ${directory}`,
      `${setpriv} --reuid=${user} --regid=${user} --clear-groups ${testfixture} ${suiteDirectory}/test/${file}`,
    ].join("; "),
    timeoutS: 600,
    parse: parseSqliteResults,
  };
}

/**
 * "select1-1.1... Ok", behind as many dots as a test of threads has waited; otherwise the next lines begin with
 * "! select1-1.1 expected: [" and "… got: [".
 */
export function parseSqliteResults({ output }: ItemRun): SuiteTest[] {
  const said = new Map<string, string[]>();
  const results = new Map<string, SuiteTest>();
  for (const line of output.split("\n")) {
    const [, begun, rest = ""] = /^\.*([^.\s]\S*)\.\.\.(.*)$/.exec(line) ?? [];
    const [, failed] = /^! (\S+) (?:expected|got)/.exec(line) ?? [];
    if (begun !== undefined) {
      const outcome = rest.trim().startsWith("Omitted") ? "skipped" : "passed";
      results.set(begun, { name: begun, outcome });
    }
    if (failed === undefined) continue;
    const lines = [...(said.get(failed) ?? []), line];
    said.set(failed, lines);
    results.set(failed, { name: failed, outcome: "failed", detail: lines.join("\n") });
  }
  return [...results.values()];
}
