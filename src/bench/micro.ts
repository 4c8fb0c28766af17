// SPDX-License-Identifier: Apache-2.0
/** The suite of the kernel's own operations, each counted alone. */

import { prepareMicro } from "./prepare-boot.js";
import type { Suite } from "./suite.js";
import { baseline, comparedLevels, distribution, relinked, unmitigated } from "./variant.js";

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
  unit: "per operation",
  operations: Object.entries(microTitles).map(([name, title]) => ({
    ...{ name, title },
    ...(name === "timer_interrupt" ? { onlyCounted: true } : {}),
  })),
  effects: [{ operation: "null_call_and_nops", reference: "null_call", instructions: 100, tolerance: 0.01 }],
  baseline,
  references: [unmitigated, relinked],
  distribution,
  levels: comparedLevels,
  prepare: (ctx, variant) => prepareMicro(ctx, variant),
  time: { prepare: (ctx, variant) => prepareMicro(ctx, variant, { program: "timed" }), requests: [] },
};
