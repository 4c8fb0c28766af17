// SPDX-License-Identifier: Apache-2.0
/** Builds the suite: by the system's compiler as an unmodified program, and by our toolchain. */

import { cp, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { bindProgram } from "../app/bind-program.js";
import { addUklNote } from "../elf/ukl-note.js";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashTree, type Json } from "../host/hash.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { findKernelLink } from "../image/kernel-link.js";
import type { Kernel } from "../kernel/build-kernel.js";
import { buildToolchain } from "../toolchain/build-toolchain.js";
import { findHostCompiler } from "../toolchain/host-compiler.js";
import { type SuiteLevel, suiteLevelTraits } from "./suite-level.js";
import { suiteSource } from "./suite-tests.js";

/**
 * Builds a program of the suite in the form that a level wants, or finds it in the cache.
 *
 * @param kernel the one that it will run on
 */
export async function buildSuite(
  ctx: Context,
  level: SuiteLevel,
  kernel: Kernel,
  name: SuiteProgram = "ukl_test",
): Promise<Uint8Array> {
  const { program, level: appLevel } = suiteLevelTraits[level];
  const directory = program === "unmodified" ? await makeUnmodified(ctx) : await makeRelinked(ctx);
  const bytes = await readFile(path.join(directory, name));
  if (program === "unmodified") return addUklNote(bytes, { kernelBuildId: undefined }, name);
  if (program === "relinked") return bytes;
  const link = findKernelLink(kernel, appLevel);
  if (link === undefined) throw new Error("a stock kernel has nothing to link to");
  return bindProgram(bytes, link, name);
}

/** As the suite's makefile calls them: the tests, and what is walked through under a debugger. */
const suitePrograms = ["ukl_test", "ukl_walk"] as const;

export type SuiteProgram = (typeof suitePrograms)[number];

async function makeUnmodified(ctx: Context): Promise<string> {
  const { cc, version } = await findHostCompiler(ctx);
  return make(ctx, "unmodified", cc, version);
}

async function makeRelinked(ctx: Context): Promise<string> {
  const { cc, key } = await buildToolchain(ctx);
  return make(ctx, "relinked", cc, key);
}

async function make(ctx: Context, name: string, compiler: string, identity: Json): Promise<string> {
  await requireTools(ctx, ["make"]);
  const entry = await cached(ctx, {
    kind: "selftest",
    name,
    inputs: { source: await hashTree(suiteSource, { skip: suitePrograms }), compiler: identity },
    title: `Building the selftests (${name})`,
    build: async (ctx, { directory, logFile }) => {
      const work = path.join(directory, "source");
      await cp(suiteSource, work, { recursive: true });
      // Whatever somebody built in the source folder is made again.
      await runCommand(ctx, "make", ["-B", `CC=${compiler}`], { cwd: work, logFile });
      for (const program of suitePrograms)
        await rename(path.join(work, program), path.join(directory, program));
      await rm(work, { recursive: true });
    },
  });
  return entry.path;
}
