// SPDX-License-Identifier: Apache-2.0
/** The two suites: what they count, and what shows that they count right. */

import type { Level } from "../config/level.js";
import type { Context } from "../host/context.js";
import type { KnownEffect } from "./check-controls.js";
import { type PreparedBoot, prepareMicro, prepareRedis } from "./prepare-boot.js";
import { baseline, comparedLevels, relinked, unmitigated, type Variant } from "./variant.js";

export interface Suite {
  readonly name: "micro" | "redis";
  readonly unit: string;
  /** Those of a report, in its order; what only controls need is left out. */
  readonly operations: readonly { readonly name: string; readonly title: string }[];
  readonly effects: readonly KnownEffect[];
  /** What everything is compared with. */
  readonly baseline: Variant;
  /** Ordinary Linux in other forms. */
  readonly references: readonly Variant[];
  /** The levels that its program can have, beyond `linux`. */
  readonly levels: readonly Exclude<Level, "linux">[];
  prepare(ctx: Context, variant: Variant): Promise<PreparedBoot>;
}

const microTitles: Readonly<Record<string, string>> = {
  null_call: "null call (a system call that does not exist)",
  getppid: "getppid",
  clock_gettime: "clock_gettime (vDSO)",
  clock_gettime_by_call: "clock_gettime (system call)",
  read_1: "read 1 B of /dev/zero",
  read_64: "read 64 B of /dev/zero",
  read_1024: "read 1 KiB of /dev/zero",
  read_8192: "read 8 KiB of /dev/zero",
  write_1: "write 1 B to /dev/null",
  write_8192: "write 8 KiB to /dev/null",
  tcp_1: "TCP send and receive, 1 B, one process",
  tcp_64: "TCP send and receive, 64 B, one process",
  tcp_8192: "TCP send and receive, 8 KiB, one process",
  tcp_request: "TCP request and reply, 64 B, two processes",
  epoll_wait: "epoll_wait, one event ready",
  poll: "poll, one event ready",
  futex_wake: "futex wake, nobody waits",
  pipe: "pipe write and read, 1 B, one process",
  pipe_ping_pong: "context switches: pipe ping-pong, two processes",
  futex_ping_pong: "context switches: futex ping-pong, two threads",
  signal: "signal to oneself, handled",
  timer_interrupt: "timer interrupt",
  page_fault: "page fault, anonymous memory",
  stack_fault: "page fault, stack",
  mmap: "mmap and munmap of a page",
  fork: "fork, exit and wait",
  thread: "thread creation and join",
};

export const microSuite: Suite = {
  name: "micro",
  unit: "instructions per operation",
  operations: Object.entries(microTitles).map(([name, title]) => ({ name, title })),
  effects: [{ operation: "null_call_and_nops", reference: "null_call", instructions: 100, tolerance: 0.01 }],
  baseline,
  references: [unmitigated, relinked],
  levels: comparedLevels,
  prepare: (ctx, variant) => prepareMicro(ctx, variant),
};

const commands = ["get", "set", "incr", "lpush", "mset"];
const pipelines = [1, 16];

/** Its server is built by our toolchain only, which is at home in ring 3, too, and costs a few instructions there. */
export const redisSuite: Suite = {
  name: "redis",
  unit: "instructions per request",
  operations: commands.flatMap((command) =>
    pipelines.flatMap((pipeline) => {
      const request = `${command.toUpperCase()}, pipeline ${pipeline}`;
      const name = `${command}_p${pipeline}`;
      return [
        { name, title: `${request}: server` },
        { name: `${name}_all`, title: `${request}: machine` },
      ];
    }),
  ),
  effects: [
    // A thousand NOPs of the client in an exchange of 16 requests are none of the server's instructions.
    { operation: "get_nops_p16_all", reference: "get_p16_all", instructions: 62.5, tolerance: 2 },
    // Its own count has two modes, which differ by less than could be claimed (0.3 % are 12 instructions).
    { operation: "get_nops_p16", reference: "get_p16", instructions: 0, tolerance: 12 },
  ],
  baseline: { ...relinked, name: baseline.name, meaning: baseline.meaning },
  references: [{ ...unmitigated, program: "relinked" }],
  levels: comparedLevels.filter((level) => level !== "compat"),
  prepare: (ctx, variant) => prepareRedis(ctx, variant),
};
