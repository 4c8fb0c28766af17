// SPDX-License-Identifier: Apache-2.0
/** Redis' own tests, in Tcl: all but a few start and end servers of their own. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { type GuestFiles, loadGuestFiles, mergeGuestFiles } from "../image/load-guest-files.js";
import { buildRecipePrograms, type DriverRequest, loadDrivers } from "./guest-parts.js";
import { reportTests, type SaidTest } from "./report-tests.js";
import {
  type ForeignSuite,
  type ItemRun,
  type Outcome,
  type PreparedSuite,
  type SuiteItem,
  type SuiteTest,
  suiteDirectory,
} from "./suite.js";

/** The language of the tests, the clients that they use, and a `ps` with all of its options. */
const drivers: readonly DriverRequest[] = [
  { package: "tcl8.6", path: "/usr/bin/tclsh8.6", directories: ["/usr/share/tcltk"] },
  { package: "redis-tools", path: "/usr/bin/redis-cli" },
  { package: "redis-tools", path: "/usr/bin/redis-benchmark" },
  { package: "procps", path: "/bin/ps" },
];

export const redis: ForeignSuite = {
  name: "redis",
  summary: "Redis' runtest: servers that the tests start, replicate, restart and kill",
  prepare: async (ctx) => {
    const source = await buildRecipePrograms(ctx, "redis", [{ path: `${suiteDirectory}/src/redis-server` }]);
    const tests = await loadGuestFiles([
      { path: `${suiteDirectory}/tests`, file: path.join(source.tree, "tests") },
    ]);
    const files = [source.programs, await loadDrivers(ctx, drivers), tests, otherNames];
    const helper = await readFile(path.join(source.tree, "tests", "test_helper.tcl"), "utf8");
    return describe(source.version, files.reduce(mergeGuestFiles), parseUnits(helper));
  },
};

function describe(version: string, files: GuestFiles, units: readonly string[]): PreparedSuite {
  return {
    ...{ version, files },
    items: [external, ...units.filter((unit) => !leftOut.has(unit)).map(describeUnit)],
    leftOut: [...leftOut].map(([name, reason]) => ({ name, reason })),
    memoryMib: 2_048,
    cpus: 2,
    itemsPerBoot: 6,
  };
}

/** The server does what it is called; the tests look for everything in src/. */
const otherNames: GuestFiles = {
  files: [],
  links: [
    ...["redis-check-aof", "redis-check-rdb", "redis-sentinel"].map(
      (name) => [name, "redis-server"] as const,
    ),
    ...["redis-cli", "redis-benchmark"].map((name) => [name, `/usr/bin/${name}`] as const),
  ].map(([name, target]) => ({ path: `${suiteDirectory}/src/${name}`, target })),
  directories: [`${suiteDirectory}/tests/tmp`],
};

const leftOut: ReadonlyMap<string, string> = new Map([
  ["unit/tls", "the recipe builds Redis without TLS"],
  ["unit/printver", "it tests nothing"],
]);

/** The units in the order in which Redis has them. */
export function parseUnits(helper: string): string[] {
  const [, list = ""] = /^set ::all_tests \{([^}]*)\}/m.exec(helper) ?? [];
  return list.split(/\s+/).filter((unit) => unit !== "");
}

const runtest = "tclsh8.6 tests/test_helper.tcl --clients 1 --timeout 600 --durable";

/** Emulation takes the seconds that some tests allow for; that is what `--no-latency` is for. */
function describeUnit(unit: string): SuiteItem {
  return {
    name: unit,
    command: `${runtest} --no-latency --single ${unit}`,
    timeoutS: 1_200,
    parse: parseResults,
  };
}

/** Against one server that is there all the time. */
const external: SuiteItem = {
  name: "external",
  command: [
    "src/redis-server --port 6379 --save '' --daemonize yes --enable-debug-command yes > /dev/null",
    "until src/redis-cli ping > /dev/null 2>&1; do usleep 100000; done",
    `${runtest} --no-latency --host 127.0.0.1 --port 6379 --single unit/type/string --single unit/type/hash --single unit/expire`,
  ].join("; "),
  timeoutS: 1_200,
  parse: parseResults,
};

/** "[ok]: SET and GET (3 ms)"; a name that comes again is numbered. What follows a failed test says why. */
export function parseResults({ output }: ItemRun): SuiteTest[] {
  const results: SaidTest[] = [];
  const seen = new Map<string, number>();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it writes in colours
  for (const line of output.replaceAll(/\x1b\[[\d;]*m/g, "").split("\n")) {
    const [, word = "", said = ""] = /^\[(ok|err|skip|ignore|exception)\]: (.*)$/.exec(line) ?? [];
    const outcome = outcomes[word];
    const last = results.at(-1);
    if (outcome !== undefined) {
      const text = said.replace(/ \(\d+ ms\)$/, "");
      const title = outcome === "failed" ? text.replace(/ in tests\/.*/, "") : text;
      const count = (seen.get(title) ?? 0) + 1;
      seen.set(title, count);
      results.push({ name: count === 1 ? title : `${title} (${count})`, outcome, said: [text] });
    } else if (last?.outcome === "failed" && last.said.length < shownLines && line !== "")
      last.said.push(line);
  }
  return reportTests(results);
}

const shownLines = 6;

const outcomes: Readonly<Record<string, Outcome>> = {
  ok: "passed",
  err: "failed",
  exception: "failed",
  skip: "skipped",
  ignore: "skipped",
};
