// SPDX-License-Identifier: Apache-2.0
/**
 * Every command, one line each. A command's module is loaded only when it is the one
 * that was typed: starting up costs nothing for the others.
 */

import type { DefinedCommand } from "./define-command.js";

export interface CommandEntry {
  readonly brief: string;
  readonly load: () => Promise<{ readonly command: DefinedCommand }>;
}

/** A command, or a group of subcommands with the one that runs when none is named. */
export type TableEntry =
  | CommandEntry
  | { readonly brief: string; readonly commands: Readonly<Record<string, CommandEntry>> };

export const commandTable: Readonly<Record<string, TableEntry>> = {
  run: { brief: "Build an application if needed, and run it", load: () => import("./commands/run.js") },
  build: { brief: "Build one bootable file", load: () => import("./commands/build.js") },
  test: { brief: "Boot an application and run its test", load: () => import("./commands/test.js") },
  apps: { brief: "List the recipes, and test them", load: () => import("./commands/apps.js") },
  suite: {
    brief: "Run test suites of others as a process and in ring 0, and compare",
    load: () => import("./commands/suite.js"),
  },
  init: { brief: "Write the configuration of a directory", load: () => import("./commands/init.js") },
  check: {
    brief: "Say whether it will run, at which level, and what to change",
    load: () => import("./commands/check.js"),
  },
  bench: {
    brief: "Measure the levels against stock Linux, side by side",
    commands: {
      all: {
        brief: "Run all suites, from micro to boot, for one report",
        load: () => import("./commands/bench-all.js"),
      },
      micro: {
        brief: "Count the instructions of system calls and page faults",
        load: () => import("./commands/bench-micro.js"),
      },
      echo: {
        brief: "Count the instructions of an echo server, with io_uring and eBPF beside it",
        load: () => import("./commands/bench-echo.js"),
      },
      redis: {
        brief: "Count the instructions of requests to Redis",
        load: () => import("./commands/bench-redis.js"),
      },
      memcached: {
        brief: "Count the instructions of requests to memcached",
        load: () => import("./commands/bench-memcached.js"),
      },
      nginx: {
        brief: "Count the instructions of requests to nginx",
        load: () => import("./commands/bench-nginx.js"),
      },
      sqlite: {
        brief: "Count the instructions of SQLite's statements",
        load: () => import("./commands/bench-sqlite.js"),
      },
      postgresql: {
        brief: "Count the instructions of queries to PostgreSQL",
        load: () => import("./commands/bench-postgresql.js"),
      },
      boot: {
        brief: "Count the instructions from power-on to main(), and measure size and memory",
        load: () => import("./commands/bench-boot.js"),
      },
      profile: {
        brief: "Say in which parts of the kernel a request's instructions are",
        load: () => import("./commands/bench-profile.js"),
      },
      native: {
        brief: "Measure what a system call's transition takes on this machine",
        load: () => import("./commands/bench-native.js"),
      },
      baseline: {
        brief: "Compare with the recorded counts, or record them",
        load: () => import("./commands/bench-baseline.js"),
      },
    },
  },
  toolchain: {
    brief: "Build the compiler, and say how to use it",
    load: () => import("./commands/toolchain.js"),
  },
  ps: { brief: "List the machines of this project", load: () => import("./commands/ps.js") },
  logs: { brief: "Print what a machine has said", load: () => import("./commands/logs.js") },
  stop: { brief: "End a machine", load: () => import("./commands/stop.js") },
  config: {
    brief: "Explain configurations",
    commands: {
      schema: {
        brief: "Print the JSON schema of ukl.config.ts",
        load: () => import("./commands/config-schema.js"),
      },
    },
  },
  kernel: {
    brief: "Build and inspect kernels, and work on the patches",
    commands: {
      build: { brief: "Build a kernel", load: () => import("./commands/kernel-build.js") },
      config: { brief: "Print a kernel's configuration", load: () => import("./commands/kernel-config.js") },
      test: { brief: "Boot the kernel's selftests", load: () => import("./commands/kernel-test.js") },
      stress: {
        brief: "Attack and load a machine, and cut its power",
        load: () => import("./commands/kernel-stress.js"),
      },
      edit: { brief: "Open a patch series as a git tree", load: () => import("./commands/kernel-edit.js") },
      refresh: { brief: "Write such a tree back", load: () => import("./commands/kernel-refresh.js") },
      export: { brief: "Make patches for a mailing list", load: () => import("./commands/kernel-export.js") },
      diffstat: { brief: "Count what we add to Linux", load: () => import("./commands/kernel-diffstat.js") },
    },
  },
  doctor: { brief: "List what is needed and what is missing", load: () => import("./commands/doctor.js") },
  cache: {
    brief: "Inspect and prune what has been fetched and built",
    commands: {
      list: { brief: "List the cache's entries", load: () => import("./commands/cache-list.js") },
      prune: {
        brief: "Remove what has not been used for long",
        load: () => import("./commands/cache-prune.js"),
      },
    },
  },
};
