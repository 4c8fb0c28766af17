// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { packagePath } from "../host/package-path.js";
import { explainProblem, findFatalProblem, findKernelProblems } from "./kernel-log.js";

const summary = (log: string) => findKernelProblems(log).map(({ kind, summary }) => [kind, summary]);

describe("findKernelProblems", () => {
  test("takes an oops and the panic after it apart", () => {
    const log = `[    1.1] Run /init as init process\r
[    1.390000] BUG: kernel NULL pointer dereference, address: 0000000000000010\r
[    1.391000] #PF: supervisor read access in kernel mode\r
[    1.392000] Oops: Oops: 0000 [#1] SMP NOPTI\r
[    1.393000] CPU: 0 UID: 0 PID: 33 Comm: bad Not tainted 6.12.107 #1\r
[    1.400000] Kernel panic - not syncing: Fatal exception\r
[    1.401000] ---[ end Kernel panic - not syncing: Fatal exception ]---`;
    expect(summary(log)).toEqual([
      ["oops", "BUG: kernel NULL pointer dereference, address: 0000000000000010"],
      ["panic", "Kernel panic - not syncing: Fatal exception"],
    ]);
    expect(findKernelProblems(log)[0]?.lines).toHaveLength(4);
    expect(findFatalProblem(findKernelProblems(log))?.kind).toBe("panic");
  });

  // Recorded on our debug kernel, which LKDTM (drivers/misc/lkdtm) told to go wrong.
  test.each([
    ["warning", [["warning", expect.stringMatching(/^WARNING: CPU: 0 PID: 48 at drivers.misc.lkdtm/)]]],
    ["oops", [["oops", "kernel BUG at drivers/misc/lkdtm/bugs.c:105!"]]],
    [
      "locking",
      [
        ["locking", "WARNING: lock held when returning to user space!"],
        ["locking", "BUG: sleeping function called from invalid context at fs/file_table.c:452"],
        ["locking", "BUG: scheduling while atomic: program/46/0x00000002"],
      ],
    ],
    [
      "stall",
      [
        ["stall", "watchdog: BUG: soft lockup - CPU#1 stuck for 9s! [program:48]"],
        ["stall", "watchdog: BUG: soft lockup - CPU#1 stuck for 17s! [program:48]"],
        ["stall", "rcu: INFO: rcu_preempt self-detected stall on CPU"],
      ],
    ],
  ])("finds in a recorded log what was wrong, and nothing more: %s", (name, expected) => {
    const log = readFileSync(packagePath("test", "kernel-logs", `${name}.log`), "utf8");
    expect(summary(log)).toEqual(expected);
    for (const { lines } of findKernelProblems(log)) expect(lines.join("\n")).toMatch(/Call Trace:|held by/);
  });

  test.each([
    ["panic", "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000007"],
    ["oops", "general protection fault, probably for non-canonical address 0x1: 0000 [#1] PREEMPT SMP"],
    ["oops", "kernel BUG at mm/slub.c:553!"],
    ["oops", "traps: PANIC: double fault, error_code: 0x0"],
    ["stall", "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [spin:33]"],
    ["stall", "rcu: INFO: rcu_sched self-detected stall on CPU"],
    ["stall", "INFO: task init:1 blocked for more than 120 seconds."],
    ["warning", "WARNING: CPU: 0 PID: 33 at arch/x86/ukl/task.c:12 ukl_x+0x1/0x2"],
    ["stall", "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"],
    ["stall", "NMI watchdog: Watchdog detected hard LOCKUP on cpu 2"],
    ["locking", "WARNING: possible circular locking dependency detected"],
    ["locking", "WARNING: possible recursive locking detected"],
    ["locking", "WARNING: possible irq lock inversion dependency detected"],
    ["locking", "WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected"],
    ["locking", "WARNING: inconsistent lock state"],
    ["locking", "WARNING: suspicious RCU usage"],
    ["locking", "WARNING: bad unlock balance detected!"],
    ["locking", "WARNING: lock held when returning to user space!"],
    ["locking", "WARNING: init/1 still has locks held!"],
    ["locking", "INFO: trying to register non-static key."],
    ["locking", "[ BUG: Invalid wait context ]"],
    ["locking", "BUG: sleeping function called from invalid context at kernel/locking/mutex.c:585"],
    ["locking", "BUG: scheduling while atomic: ukl_test/42/0x00000002"],
    ["locking", "BUG: using smp_processor_id() in preemptible [00000000] code: ukl_test/42"],
    ["locking", "BUG: spinlock bad magic on CPU#0, swapper/0/0"],
    ["out-of-memory", "Out of memory: Killed process 33 (redis-server) total-vm:65536kB"],
  ])("knows a %s", (kind, line) => {
    expect(summary(`[    2.500000] ${line}`)).toEqual([[kind, line]]);
    expect(summary(`[    2.500000][   T33] ${line}`)).toEqual([[kind, line]]);
  });

  test.each([
    "bad[33]: segfault at 10 ip 0000000000401136 sp 00007ffd error 4 in bad[401000+1000]",
    "traps: bad[33] general protection fault ip:401136 sp:7ffd error:0 in bad[401000+1000]",
    "traps: bad[33] trap invalid opcode ip:401136 sp:7ffd error:0",
    "acpi: WARNING: this word is not at the start",
    'Unknown kernel command line parameters "nokaslr", will be passed to user space.',
  ])("does not take a program's trouble for the kernel's: %s", (line) => {
    expect(summary(`[    2.500000] ${line}`)).toEqual([]);
  });
});

test.each([
  "Kernel panic - not syncing: System is deadlocked on memory",
  "Initramfs unpacking failed: write error",
])("explainProblem says what to do about too little memory: %s", (message) => {
  const [problem] = findKernelProblems(`[    0.5] ${message}`);
  expect(problem && explainProblem(problem)).toContain("--memory");
});
