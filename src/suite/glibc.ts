// SPDX-License-Identifier: Apache-2.0
/** glibc's own tests of threads, signals, processes and files, against the C library of our toolchain. */

import path from "node:path";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { loadGuestFiles, mergeGuestFiles } from "../image/load-guest-files.js";
import type { FetchedSource } from "../source/source-spec.js";
import {
  buildGlibcTests,
  fetchGlibcSource,
  type GlibcFolder,
  type GlibcTest,
  glibcFolders,
  glibcObjects,
} from "./build-glibc-tests.js";
import { type ForeignSuite, type ItemRun, type SuiteItem, type SuiteTest, suiteDirectory } from "./suite.js";

export const glibc: ForeignSuite = {
  name: "glibc",
  summary: `glibc's ${glibcFolders.join(", ")}: each test is a program`,
  prepare: async (ctx, isWanted) => {
    const source = await fetchGlibcSource(ctx);
    const sources = await listSources(ctx, source);
    const folders = glibcFolders.filter((folder) =>
      sources.some((name) => name.startsWith(`${folder}/`) && isWanted(name)),
    );
    const parts = [];
    for (const folder of folders) {
      const { path: file, tests, leftOut } = await buildGlibcTests(ctx, source, folder);
      const files = await loadGuestFiles([{ path: path.join(suiteDirectory, folder), file }]);
      parts.push({ files, items: tests.map((test) => describeTest(folder, test)), leftOut });
    }
    return {
      version: source.version,
      files: parts
        .map(({ files }) => files)
        .reduce(mergeGuestFiles, { files: [], links: [], directories: [] }),
      items: parts.flatMap(({ items }) => items),
      leftOut: parts.flatMap(({ leftOut }) => leftOut),
      memoryMib: 768,
      cpus: 2,
      itemsPerBoot: 40,
    };
  },
};

/** "nptl/tst-cond1": the source files of the folders, which are more than there are tests. */
async function listSources(ctx: Context, source: FetchedSource): Promise<string[]> {
  const tarball = path.join(
    source.path,
    "usr/src/glibc",
    `glibc-${source.version.replace(/-.*/, "")}.tar.xz`,
  );
  const { stdout } = await runCommand(ctx, "tar", ["-tf", tarball]);
  return stdout.split("\n").flatMap((name) => /^[^/]+\/([^/]+\/[^/]+)\.(?:c|cc)$/.exec(name)?.[1] ?? []);
}

/** What glibc's own time limits are multiplied with, for emulation. */
const timeoutFactor = 4;

function describeTest(folder: GlibcFolder, { name, args, env }: GlibcTest): SuiteItem {
  const program = `${suiteDirectory}/${folder}/${name}`;
  const place = (words: string): string => words.replaceAll(glibcObjects, suiteDirectory);
  return {
    name: `${folder}/${name}`,
    command: [
      `cd ${suiteDirectory}/${folder}`,
      // As glibc's makefiles have it.
      `input=${name}.input; [ -e $input ] || input=/dev/null`,
      `env TIMEOUTFACTOR=${timeoutFactor} ${place(env)} ${program} ${place(args)} < $input`,
    ].join("; "),
    timeoutS: 300,
    ownFile: program,
    parse: parseStatus,
  };
}

/** Of support/test-driver.c: the test cannot run here. */
const unsupported = 77;

export function parseStatus({ status, output, timedOut }: ItemRun): SuiteTest[] {
  if (timedOut) return [];
  const name = "exit status";
  if (status === 0) return [{ name, outcome: "passed" }];
  if (status === unsupported) return [{ name, outcome: "skipped", detail: output }];
  const lines = output.trimEnd().split("\n").slice(-shownLines);
  return [{ name, outcome: "failed", detail: [`status ${status}`, ...lines].join("\n") }];
}

const shownLines = 8;
