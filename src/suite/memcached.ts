// SPDX-License-Identifier: Apache-2.0
/** memcached's own tests: programs in Perl that start servers, and one in C. */

import { readdir } from "node:fs/promises";
import path from "node:path";
import { loadGuestFiles, mergeGuestFiles } from "../image/load-guest-files.js";
import { buildRecipePrograms, loadDrivers } from "./guest-parts.js";
import { parseNumberedTap } from "./parse-numbered-tap.js";
import { type ForeignSuite, type SuiteItem, suiteDirectory } from "./suite.js";

/** Perl's modules, of which the tests use Test::More, IO::Socket and a few more. */
const perl = {
  package: "perl",
  path: "/usr/bin/perl",
  directories: ["/usr/share/perl", "/usr/lib/x86_64-linux-gnu/perl", "/usr/lib/x86_64-linux-gnu/perl-base"],
};

/** What the tests start: the server with its assertions, and a program that starts it and limits its time. */
const programs = ["memcached-debug", "timedrun", "testapp"];

export const memcached: ForeignSuite = {
  name: "memcached",
  summary: "memcached's t/ and testapp: each test starts servers of its own",
  prepare: async (ctx) => {
    const source = await buildRecipePrograms(
      ctx,
      "memcached",
      programs.map((program) => ({ path: `${suiteDirectory}/${program}`, targets: [program], program })),
    );
    const directory = path.join(source.tree, "t");
    const tests = (await readdir(directory)).filter((name) => name.endsWith(".t")).sort();
    const files = [
      source.programs,
      await loadDrivers(ctx, [perl]),
      await loadGuestFiles(
        ["t", "doc/protocol.txt"].map((name) => ({
          path: `${suiteDirectory}/${name}`,
          file: path.join(source.tree, name),
        })),
      ),
    ];
    return {
      version: source.version,
      files: files.reduce(mergeGuestFiles),
      items: [testapp, ...tests.filter((name) => !ofTheSource.includes(name)).map(describeTest)],
      leftOut: ofTheSource.map((name) => ({
        name: `t/${name}`,
        reason: "it looks at the source, not at the program",
      })),
      memoryMib: 1_024,
      cpus: 2,
      itemsPerBoot: 8,
    };
  },
};

const testapp: SuiteItem = { name: "testapp", command: "./testapp", timeoutS: 300, parse: parseNumberedTap };
const ofTheSource = ["whitespace.t"];

function describeTest(name: string): SuiteItem {
  return { name: `t/${name}`, command: `perl t/${name}`, timeoutS: 300, parse: parseNumberedTap };
}
