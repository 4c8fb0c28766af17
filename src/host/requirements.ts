// SPDX-License-Identifier: Apache-2.0
/** What the machine must have, for what, and which Debian or Ubuntu package brings it. */

import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "./context.js";
import { buildEnvironment } from "./environment.js";
import { runCommand } from "./run-command.js";

/** What is done with it; the noun of the pipeline. */
export type Purpose = "source" | "kernel" | "toolchain" | "app" | "image" | "vm" | "test" | "speed";

export interface Requirement {
  /** A program in PATH, or a header below /usr/include. */
  readonly probe:
    | { readonly program: string; readonly versionArgs?: readonly string[] }
    | { readonly header: string };
  readonly debianPackage: string;
  readonly neededFor: readonly Purpose[];
  /** Everything works without it, only slower or untested. */
  readonly optional?: boolean;
}

export interface RequirementFinding {
  readonly id: RequirementId;
  readonly present: boolean;
  /** As the program or the package says; undefined when it is not there. */
  readonly version: string | undefined;
  readonly debianPackage: string;
  readonly neededFor: readonly Purpose[];
  readonly optional: boolean;
}

const compiling = ["kernel", "toolchain", "app", "image"] as const;

/** A program that some application's test talks to it with. */
const testClient = (program: string, debianPackage: string) =>
  ({ probe: { program }, debianPackage, neededFor: ["test"], optional: true }) as const;

export const requirements = {
  gcc: { probe: { program: "gcc" }, debianPackage: "gcc", neededFor: compiling },
  "g++": { probe: { program: "g++" }, debianPackage: "g++", neededFor: ["toolchain", "app"] },
  "libc-headers": { probe: { header: "stdio.h" }, debianPackage: "libc6-dev", neededFor: compiling },
  ld: { probe: { program: "ld" }, debianPackage: "binutils", neededFor: compiling },
  make: { probe: { program: "make" }, debianPackage: "make", neededFor: ["kernel", "toolchain", "app"] },
  cmake: { probe: { program: "cmake" }, debianPackage: "cmake", neededFor: ["app"], optional: true },
  meson: { probe: { program: "meson" }, debianPackage: "meson", neededFor: ["app"], optional: true },
  automake: { probe: { program: "automake" }, debianPackage: "automake", neededFor: ["app"], optional: true },
  tclsh: { probe: { program: "tclsh" }, debianPackage: "tcl", neededFor: ["app"], optional: true },
  ninja: { probe: { program: "ninja" }, debianPackage: "ninja-build", neededFor: ["app"], optional: true },
  clang: { probe: { program: "clang" }, debianPackage: "clang", neededFor: ["test"], optional: true },
  "pkg-config": {
    probe: { program: "pkg-config" },
    debianPackage: "pkg-config",
    neededFor: ["app"],
    optional: true,
  },
  git: { probe: { program: "git" }, debianPackage: "git", neededFor: ["kernel"] },
  flex: { probe: { program: "flex" }, debianPackage: "flex", neededFor: ["kernel"] },
  bison: { probe: { program: "bison" }, debianPackage: "bison", neededFor: ["kernel", "toolchain"] },
  bc: { probe: { program: "bc" }, debianPackage: "bc", neededFor: ["kernel"] },
  perl: { probe: { program: "perl" }, debianPackage: "perl-base", neededFor: ["kernel", "toolchain"] },
  "libelf-headers": { probe: { header: "libelf.h" }, debianPackage: "libelf-dev", neededFor: ["kernel"] },
  "openssl-headers": {
    probe: { header: "openssl/ssl.h" },
    debianPackage: "libssl-dev",
    neededFor: ["kernel"],
  },
  lz4: { probe: { program: "lz4" }, debianPackage: "lz4", neededFor: ["kernel"] },
  zstd: { probe: { program: "zstd" }, debianPackage: "zstd", neededFor: ["image"], optional: true },
  cpio: { probe: { program: "cpio" }, debianPackage: "cpio", neededFor: ["kernel"] },
  gawk: { probe: { program: "gawk" }, debianPackage: "gawk", neededFor: ["toolchain"] },
  python3: { probe: { program: "python3" }, debianPackage: "python3-minimal", neededFor: ["toolchain"] },
  xz: { probe: { program: "xz" }, debianPackage: "xz-utils", neededFor: ["source"] },
  "dpkg-source": { probe: { program: "dpkg-source" }, debianPackage: "dpkg-dev", neededFor: ["source"] },
  qemu: {
    probe: { program: "qemu-system-x86_64" },
    debianPackage: "qemu-system-x86",
    neededFor: ["vm"],
  },
  passt: { probe: { program: "passt" }, debianPackage: "passt", neededFor: ["vm"], optional: true },
  ccache: { probe: { program: "ccache" }, debianPackage: "ccache", neededFor: ["speed"], optional: true },
  "zlib-headers": {
    probe: { header: "zlib.h" },
    debianPackage: "zlib1g-dev",
    neededFor: ["test"],
    optional: true,
  },
  "libevent-headers": {
    probe: { header: "event2/event.h" },
    debianPackage: "libevent-dev",
    neededFor: ["test"],
    optional: true,
  },
  "liburing-headers": {
    probe: { header: "liburing.h" },
    debianPackage: "liburing-dev",
    neededFor: ["test"],
    optional: true,
  },
  sqlite3: { probe: { program: "sqlite3" }, debianPackage: "sqlite3", neededFor: ["test"], optional: true },
  nginx: { probe: { program: "nginx" }, debianPackage: "nginx-light", neededFor: ["test"], optional: true },
  "redis-cli": testClient("redis-cli", "redis-tools"),
  memcping: testClient("memcping", "libmemcached-tools"),
  curl: testClient("curl", "curl"),
  openssl: {
    probe: { program: "openssl", versionArgs: ["version"] },
    debianPackage: "openssl",
    neededFor: ["image", "test"],
    optional: true,
  },
  iperf: testClient("iperf", "iperf"),
  iperf3: testClient("iperf3", "iperf3"),
  psql: testClient("psql", "postgresql-client"),
  // What is in PATH is a wrapper, which is there without it.
  pgbench: testClient("../lib/postgresql/15/bin/pgbench", "postgresql-15"),
  dig: testClient("dig", "bind9-dnsutils"),
} as const satisfies Readonly<Record<string, Requirement>>;

export type RequirementId = keyof typeof requirements;

/** All requirements, in the table's order. */
export const requirementIds = Object.keys(requirements) as RequirementId[];

/** Finds out, for each requirement, whether it is there and in which version. */
export async function checkRequirements(
  ctx: Pick<Context, "log" | "signal" | "locks">,
  ids: readonly RequirementId[] = requirementIds,
): Promise<RequirementFinding[]> {
  return Promise.all(ids.map((id) => checkRequirement(ctx, id)));
}

/** Whether it is there; starts no process. */
export async function hasRequirement(id: RequirementId): Promise<boolean> {
  return (await findProbe(requirements[id].probe)) !== undefined;
}

/** The path of a program in the PATH that children get; undefined when it is not there. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of (buildEnvironment()["PATH"] ?? "").split(":")) {
    const file = path.join(directory, name);
    if ((await isAccessible(file, constants.X_OK)) && (await stat(file)).isFile()) return file;
  }
  return undefined;
}

async function checkRequirement(
  ctx: Pick<Context, "log" | "signal" | "locks">,
  id: RequirementId,
): Promise<RequirementFinding> {
  const requirement: Requirement = requirements[id];
  const { debianPackage, neededFor, optional = false } = requirement;
  const present = await hasRequirement(id);
  const version = present ? await findVersion(ctx, requirement) : undefined;
  return { id, present, version, debianPackage, neededFor, optional };
}

function findProbe(probe: Requirement["probe"]): Promise<string | undefined> {
  return "program" in probe ? findProgram(probe.program) : findHeader(probe.header);
}

/** Debian keeps the headers that differ between architectures in a directory of their own. */
async function findHeader(name: string): Promise<string | undefined> {
  for (const directory of ["/usr/include", "/usr/include/x86_64-linux-gnu"]) {
    const file = path.join(directory, name);
    if (await isAccessible(file, constants.R_OK)) return file;
  }
  return undefined;
}

async function findVersion(
  ctx: Pick<Context, "log" | "signal" | "locks">,
  { probe, debianPackage }: Requirement,
): Promise<string | undefined> {
  const [file, args] =
    "program" in probe
      ? [probe.program, probe.versionArgs ?? ["--version"]]
      : ["dpkg-query", ["--show", debianPackage]];
  try {
    const result = await runCommand(ctx, file, args, { timeoutMs: 10_000 });
    const firstLine = (result.stdout || result.stderr).trimStart().split("\n")[0] ?? "";
    return /\d+(?:\.\d+)+\w*/.exec(firstLine)?.[0];
  } catch (error) {
    // It is there; that it cannot say its version, or hangs, must not hide the others.
    if (error instanceof UklError) return undefined;
    throw error;
  }
}

async function isAccessible(file: string, mode: number): Promise<boolean> {
  try {
    await access(file, mode);
    return true;
  } catch {
    return false;
  }
}
