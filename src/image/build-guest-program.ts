// SPDX-License-Identifier: Apache-2.0
/** Compiles the guest's own programs, ordinary static ones, with the system's compiler. */

import { readdir } from "node:fs/promises";
import path from "node:path";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { findProgramVersion } from "../host/program-version.js";
import { runCommand } from "../host/run-command.js";

/** The guest's TCP port at which it gives away what was counted. */
export const profilePort = 65_432;

/** By the folder of userland/ that has the source. */
export const guestProgramFlags = {
  init: ["-Os", "-std=gnu11", "-Wall", "-Wextra", "-Wno-unused-result", "-D_GNU_SOURCE"],
  probe: ["-nostdlib"],
  boot: ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-D_GNU_SOURCE"],
  profile: [...["-O2", "-std=gnu11", "-Wall", "-Wextra", "-D_GNU_SOURCE"], `-DPROFILE_PORT=${profilePort}`],
  bench: ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-D_GNU_SOURCE"],
  timed: ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-DIN_TIME"],
} as const satisfies Record<string, readonly string[]>;

export type GuestProgram = keyof typeof guestProgramFlags;

/** Whose files a program has, too. */
const extended: Readonly<Partial<Record<GuestProgram, GuestProgram>>> = { timed: "bench" };

/** A program's files, relative to its folder of userland/. */
export async function findGuestSources(name: GuestProgram): Promise<string[]> {
  const own = await listSources(name);
  const base = extended[name];
  if (base === undefined) return own;
  return [...own, ...(await listSources(base)).map((file) => path.join("..", base, file))];
}

async function listSources(name: GuestProgram): Promise<string[]> {
  return (await readdir(packagePath("userland", name))).filter((file) => /\.[cS]$/.test(file)).sort();
}

/** Returns the path of the program. */
export async function buildGuestProgram(ctx: Context, name: GuestProgram): Promise<string> {
  const base = extended[name];
  const flags = ["-static", "-s", ...guestProgramFlags[name]];
  const compiler = await findProgramVersion(ctx, "gcc");
  const entry = await cached(ctx, {
    kind: "init",
    name,
    inputs: {
      source: await hashTree(packagePath("userland", name)),
      ...(base === undefined ? {} : { base: await hashTree(packagePath("userland", base)) }),
      ...{ compiler, flags },
    },
    title: `Building /${name}`,
    build: async (ctx, { directory, logFile }) => {
      const files = await findGuestSources(name);
      await runCommand(ctx, "gcc", [...flags, "-o", path.join(directory, name), ...files], {
        cwd: packagePath("userland", name),
        logFile,
      });
    },
  });
  return path.join(entry.path, name);
}
