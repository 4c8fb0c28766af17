// SPDX-License-Identifier: Apache-2.0
/** Which of a kernel's problems a scenario has asked for. */

import type { KernelProblem } from "../vm/kernel-log.js";

/** Whom the kernel ended when memory ran out. */
export interface OomVictim {
  readonly pid: number;
  readonly name: string;
  readonly uid: number;
}

export interface ProblemVerdict {
  /** Those that were asked for. */
  readonly victims: readonly OomVictim[];
  /** All others. */
  readonly problems: readonly KernelProblem[];
}

/**
 * Sorts a log's problems: warnings, oopses, stalls and reports of locks are wrong in every case, the end of a process
 * for want of memory unless it is one that the scenario put there for it.
 */
export function judgeProblems(
  problems: readonly KernelProblem[],
  mayEnd: (victim: OomVictim) => boolean,
): ProblemVerdict {
  const victims: OomVictim[] = [];
  const others = problems.filter((problem) => {
    const victim = problem.kind === "out-of-memory" ? parseVictim(problem.summary) : undefined;
    if (victim === undefined || !mayEnd(victim)) return true;
    victims.push(victim);
    return false;
  });
  return { victims, problems: others };
}

/** "Out of memory: Killed process 71 (tail) total-vm:…, anon-rss:…, UID:65534 pgtables:… oom_score_adj:0" */
function parseVictim(summary: string): OomVictim | undefined {
  const [, pid, name = "", uid] =
    /^Out of memory: Killed process (\d+) \((.*)\) total-vm:.* UID:(\d+) /.exec(summary) ?? [];
  if (pid === undefined || uid === undefined) return undefined;
  return { pid: Number(pid), name, uid: Number(uid) };
}
