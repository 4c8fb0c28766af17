// SPDX-License-Identifier: Apache-2.0
/** glibc's own tests of threads, signals, processes and files, against the C library of our toolchain. */

import path from "node:path";
import { loadGuestFiles } from "../image/load-guest-files.js";
import { buildGlibcTests, type GlibcTest, glibcFolders, glibcObjects } from "./build-glibc-tests.js";
import { type ForeignSuite, type ItemRun, type SuiteItem, suiteDirectory, type TestResult } from "./suite.js";

export const glibc: ForeignSuite = {
  name: "glibc",
  summary: `glibc's ${glibcFolders.join(", ")}: each test is a program`,
  prepare: async (ctx) => {
    const built = await buildGlibcTests(ctx);
    const directories = glibcFolders.map((folder) => ({
      path: path.join(suiteDirectory, folder),
      file: path.join(built.path, folder),
    }));
    return {
      version: built.version,
      files: await loadGuestFiles(directories),
      items: built.tests.map(describeTest),
      leftOut: built.leftOut,
      // The programs are there twice while the kernel unpacks them.
      memoryMib: 3_072,
      cpus: 2,
    };
  },
};

/** What glibc's own time limits are multiplied with, for emulation. */
const timeoutFactor = 4;

function describeTest({ folder, name, args, env }: GlibcTest): SuiteItem {
  const program = `${suiteDirectory}/${folder}/${name}`;
  // After the "--" comes what a test starts itself with.
  const words = `${args}${/(^| )--$/.test(args) ? ` ${program}` : ""}`.replaceAll(
    glibcObjects,
    suiteDirectory,
  );
  const environment = `TIMEOUTFACTOR=${timeoutFactor} ${env.replaceAll(glibcObjects, suiteDirectory)}`;
  return {
    name: `${folder}/${name}`,
    command: [
      `cd ${suiteDirectory}/${folder}`,
      // As glibc's makefiles have it.
      `input=${name}.input; [ -e $input ] || input=/dev/null`,
      `env ${environment} ${program} ${words} < $input`,
    ].join("; "),
    timeoutS: 300,
    parse: parseStatus,
  };
}

/** Of support/test-driver.c: the test cannot run here. */
const unsupported = 77;

export function parseStatus({ status, output }: ItemRun): TestResult[] {
  const name = "exit status";
  if (status === 0) return [{ name, outcome: "passed" }];
  if (status === unsupported) return [{ name, outcome: "skipped", detail: output }];
  const lines = output.trimEnd().split("\n").slice(-shownLines);
  return [{ name, outcome: "failed", detail: [`status ${status}`, ...lines].join("\n") }];
}

const shownLines = 8;
