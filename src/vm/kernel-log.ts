// SPDX-License-Identifier: Apache-2.0
/** Recognises in a kernel's log that the kernel itself is in trouble, as opposed to one of its programs. */

/**
 * - `panic`, `oops`: nothing that runs on this kernel can be trusted any more
 * - `stall`: a CPU, a task or a grace period of RCU does not come forward
 * - `locking`: locks, RCU or the context that code runs in were used against their rules
 * - `warning`: the kernel found something that should not be
 * - `out-of-memory`: it ended a process, or had no room for the image's files
 */
export type KernelProblemKind = "panic" | "oops" | "stall" | "locking" | "warning" | "out-of-memory";

export interface KernelProblem {
  readonly kind: KernelProblemKind;
  /** The line that tells what happened, without its time stamp. */
  readonly summary: string;
  /** That line and what followed it: registers, call trace. */
  readonly lines: readonly string[];
}

/** Collects the problems of a log that is fed line by line. */
export interface KernelLogWatcher {
  push(line: string): void;
  readonly problems: readonly KernelProblem[];
}

/** How much of a report is kept: registers and the call trace fit. */
const reportLines = 60;

export function createKernelLogWatcher(): KernelLogWatcher {
  const problems: (KernelProblem & { readonly lines: string[] })[] = [];
  return {
    problems,
    push(line) {
      const message = line.replace(timeStamp, "");
      const kind = classify(message);
      // The lines of an oops look like problems themselves ("Oops: …" after "BUG: …"); a panic ends all.
      const current = problems.at(-1);
      const continues = current?.kind === "oops" && kind !== undefined && partsOfAnOops.has(kind);
      if (kind !== undefined && !(continues && current.lines.length < reportLines))
        problems.push({ kind, summary: message, lines: [] });
      const last = problems.at(-1);
      if (last !== undefined && last.lines.length < reportLines) last.lines.push(line);
    },
  };
}

/** All problems in a complete log. */
export function findKernelProblems(log: string): readonly KernelProblem[] {
  const watcher = createKernelLogWatcher();
  for (const line of log.split(/\r?\n/)) watcher.push(line);
  return watcher.problems;
}

/** The problem that ended the kernel or put it in doubt: a panic, else the first oops. */
export function findFatalProblem(problems: readonly KernelProblem[]): KernelProblem | undefined {
  return problems.find(({ kind }) => kind === "panic") ?? problems.find(({ kind }) => kind === "oops");
}

/** What a problem means to someone who does not know the kernel, and what to do; undefined when there is nothing to add. */
export function explainProblem(problem: KernelProblem): string | undefined {
  return explanations.find(({ pattern }) => pattern.test(problem.summary))?.text;
}

/** "[    1.234567] " and, with CONFIG_PRINTK_CALLER, "[   T33] ". */
const timeStamp = /^(?:<\d+>)?\[\s*\d+\.\d+\](?:\[\s*[TC]\d+\])? /;

const partsOfAnOops: ReadonlySet<KernelProblemKind> = new Set(["oops", "locking", "warning"]);

const patterns: readonly { readonly kind: KernelProblemKind; readonly pattern: RegExp }[] = [
  { kind: "panic", pattern: /^Kernel panic - not syncing/ },
  {
    kind: "stall",
    pattern: /^(watchdog: )?BUG: (soft|workqueue) lockup|^(NMI )?watchdog: .*hard LOCKUP/i,
  },
  { kind: "stall", pattern: /^(rcu: )?INFO: (rcu_\w+ .*stall|task .* blocked .*for more than)/ },
  // The messages of kernel/locking/, lib/smp_processor_id.c and __might_resched() and __schedule_bug() in kernel/sched/core.c.
  { kind: "locking", pattern: /^(WARNING|INFO): (possible \w+ lock|inconsistent lock|trying to register)/ },
  { kind: "locking", pattern: /^WARNING: (possible irq lock inversion|\S+-safe -> \S+-unsafe lock order)/ },
  { kind: "locking", pattern: /^WARNING: (suspicious RCU usage|bad unlock balance|bad contention)/ },
  {
    kind: "locking",
    pattern: /^WARNING: (Nested lock was|held lock freed|lock held when|.* still has locks)/,
  },
  { kind: "locking", pattern: /^BUG: (sleeping function called|scheduling (while atomic|in a non-block))/ },
  { kind: "locking", pattern: /^BUG: (assuming (atomic|non migratable) context|using .* in preemptible)/ },
  {
    kind: "locking",
    pattern: /^BUG: ((spin|rw)lock .* on CPU#|workqueue leaked|MAX_\w+ too low|key \S+ has)/,
  },
  { kind: "locking", pattern: /^\[ BUG: Invalid wait context \]/ },
  // "[#1]" counts oopses: no message about a program has it.
  { kind: "oops", pattern: /^BUG: |^kernel BUG at |^Oops|^traps: PANIC: |^PANIC: |\[#\d+\]/ },
  { kind: "warning", pattern: /^WARNING: / },
  { kind: "out-of-memory", pattern: /^Out of memory: Killed process|^Memory cgroup out of memory/ },
  { kind: "out-of-memory", pattern: /^Initramfs unpacking failed: write error/ },
];

function classify(message: string): KernelProblemKind | undefined {
  return patterns.find(({ pattern }) => pattern.test(message))?.kind;
}

const explanations: readonly { readonly pattern: RegExp; readonly text: string }[] = [
  {
    pattern: /deadlocked on memory|no killable processes|^Out of memory|^Initramfs unpacking failed: write/,
    text: "The machine has too little memory: give it more with --memory",
  },
  {
    pattern: /Attempted to kill init/,
    text: "/init, which starts the application, ended: a bug of the image or of the kernel below it",
  },
  {
    pattern: /Unable to mount root fs|No working init found/,
    text: "The kernel found no /init: the initramfs is missing or damaged",
  },
  {
    pattern: /IO-APIC \+ timer doesn't work/,
    text: "The host was too busy while the kernel tested its timer: try again",
  },
  {
    pattern: /NULL pointer dereference|unable to handle page fault|general protection fault/,
    text: "Code at CPL 0, the kernel's or the application's, used a wrong address outside of the application",
  },
];
