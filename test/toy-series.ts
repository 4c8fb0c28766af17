// SPDX-License-Identifier: Apache-2.0
/** A small kernel source with a patch series, in the layout of kernel/: for tests of what is done with patches. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createContext } from "../src/host/context.js";
import { listTree } from "../src/host/hash.js";
import { runGit } from "../src/kernel/git.js";
import { loadSeries } from "../src/kernel/series.js";
import { createTestDirectory } from "./test-directory.js";
import { createToyKernel } from "./toy-kernel.js";

const entry = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`).join("");

function hookPatch(subject: string, file: string, after: number, line: string): string {
  return `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: Ada Author <ada@invalid>
Date: Fri, 2 Jan 2026 03:04:05 +0100
Subject: [PATCH] ${subject}

Says why.
---
 ${file} | 1 +
 1 file changed, 1 insertion(+)

diff --git a/${file} b/${file}
index 0000000..0000001 100644
--- a/${file}
+++ b/${file}
@@ -${after - 2},6 +${after - 2},7 @@
 line ${after - 2}
 line ${after - 1}
 line ${after}
+${line}
 line ${after + 1}
 line ${after + 2}
 line ${after + 3}
`;
}

/** The files that a test begins with, below kernel/. */
const kernelFiles: Readonly<Record<string, string>> = {
  "overlay/arch/ukl/exec.c": "int exec;\n",
  "overlay/Documentation/ukl.rst": "Unikernel Linux\n",
  "series/6.12/0001-entry-first-hook.patch": hookPatch("entry: first hook", "arch/entry.S", 5, "hook 1"),
  "series/6.12/0002-entry-second-hook.patch": hookPatch("entry: second hook", "arch/entry.S", 20, "hook 2"),
};

/** Everything in a directory that is gone after the test. */
export async function createToySeries(files: Readonly<Record<string, string>> = {}) {
  const directory = await createTestDirectory();
  const kernel = path.join(directory.path, "kernel");
  const source = path.join(directory.path, "source");
  const tree = path.join(directory.path, "tree");
  await createToyKernel(source);
  await writeFiles(source, {
    "arch/entry.S": entry,
    "arch/other.S": entry,
    // Debian's, too, ignores everything.
    ".gitignore": "*.o\n/*\n!/debian/\n",
    "a.o": "o",
  });
  await writeFiles(kernel, { ...kernelFiles, ...files });
  const ctx = createContext();
  return {
    ...directory,
    ctx,
    kernel,
    tree,
    request: async () => ({
      series: await loadSeries("6.12", kernel),
      source: { path: source, version: "6.12.0", key: "the source" },
      directory: tree,
    }),
    git: async (...args: string[]) => (await runGit(ctx, tree, args)).stdout,
    write: (name: string, text: string) => writeFiles(tree, { [name]: text }),
    /** All files below kernel/ with their contents. */
    read: async () => {
      const names = await listTree(kernel);
      const texts = names.map(async (name) => [name, await readFile(path.join(kernel, name), "utf8")]);
      return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
    },
  };
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
