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

/** The language of the tests, the clients and the tools that they use, and a `ps` with all of its options. */
const drivers: readonly DriverRequest[] = [
  { package: "tcl8.6", path: "/usr/bin/tclsh8.6", directories: ["/usr/share/tcltk"] },
  { package: "redis-tools", path: "/usr/bin/redis-cli" },
  { package: "redis-tools", path: "/usr/bin/redis-benchmark" },
  { package: "libc-bin", path: "/usr/bin/getconf" },
  { package: "procps", path: "/bin/ps" },
];

export const redis: ForeignSuite = {
  name: "redis",
  summary:
    "Redis' runtest: servers that the tests start, replicate, restart and kill; one that is there all the time",
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
    items: units.filter((unit) => !leftOut.has(unit)).flatMap(describeUnit),
    leftOut: [...leftOut, ...leftOutTests].map(([name, reason]) => ({ name, reason })),
    memoryMib: 2_048,
    cpus: 2,
    itemsPerBoot: 4,
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

/** What takes more than a minute under emulation, and asks the system for nothing that the others do not. */
const leftOutTests: ReadonlyMap<string, string> = new Map([
  ["Very big payload random access", "a hundred thousand comparisons in Tcl"],
]);

/** Emulation takes the seconds that some tests allow for; that is what `--no-latency` is for. */
const runtest = [
  "tclsh8.6 tests/test_helper.tcl --clients 1 --timeout 600 --durable --no-latency",
  ...[...leftOutTests.keys()].map((name) => `--skiptest '${name}'`),
].join(" ");

const external =
  "src/redis-server --port 6379 --save '' --daemonize yes --enable-debug-command yes > /dev/null";

/** With servers of its own and, unless it needs them, as upstream does it, against one that is there all the time. */
function describeUnit(unit: string): SuiteItem[] {
  const item = { timeoutS: 1_200, parse: parseResults };
  const own = { ...item, name: unit, command: `${runtest} --single ${unit}` };
  if (unit.startsWith("integration/")) return [own];
  const command = [
    external,
    "until src/redis-cli ping > /dev/null 2>&1; do usleep 100000; done",
    `${runtest} --host 127.0.0.1 --port 6379 --tags -slow --single ${unit}`,
  ].join("; ");
  return [own, { ...item, name: `external/${unit}`, command }];
}

/**
 * "[ok]: SET and GET (3 ms)"; what follows a failed test says why. A name that comes again is one test, which failed if it
 * failed once: how often some come, and the numbers in their names, are a matter of chance.
 */
export function parseResults({ output }: ItemRun): SuiteTest[] {
  const results = new Map<string, SaidTest>();
  let last: SaidTest | undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it writes in colours
  for (const line of output.replaceAll(/\x1b\[[\d;]*m/g, "").split("\n")) {
    const [, word = "", said = ""] = /^\[(ok|err|skip|ignore|exception)\]: (.*)$/.exec(line) ?? [];
    const outcome = outcomes[word];
    if (outcome !== undefined) {
      const text = said.replace(/ \(\d+ ms\)$/, "");
      const title = outcome === "failed" ? text.replace(/ in tests\/.*/, "") : text;
      const name = title.replaceAll(chance, "$1N");
      last = { name, outcome, said: [text] };
      if (results.get(name)?.outcome !== "failed") results.set(name, last);
    } else if (last?.outcome === "failed" && last.said.length < shownLines && line !== "")
      last.said.push(line);
  }
  return reportTests([...results.values()]);
}

/** Of integration/psync2. */
const chance = /(#|\bx = |\bCYCLE )\d+/g;

const shownLines = 6;

const outcomes: Readonly<Record<string, Outcome>> = {
  ok: "passed",
  err: "failed",
  exception: "failed",
  skip: "skipped",
  ignore: "skipped",
};
