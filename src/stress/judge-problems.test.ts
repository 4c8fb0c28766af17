// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { packagePath } from "../host/package-path.js";
import { findKernelProblems } from "../vm/kernel-log.js";
import { judgeProblems } from "./judge-problems.js";

const killed = (pid: number, name: string): string =>
  `[   31.006203] Out of memory: Killed process ${pid} (${name}) total-vm:459520kB, anon-rss:427008kB, file-rss:1152kB, shmem-rss:0kB, UID:0 pgtables:888kB oom_score_adj:0`;

const log = [
  "[   30.998111] tail invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0",
  "[   31.000212] Call Trace:",
  killed(71, "tail"),
  "[   31.106203] oom_reaper: reaped process 71 (tail), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
].join("\n");

describe("judgeProblems", () => {
  test("lets the process end that was to end, and names it", () => {
    expect(judgeProblems(findKernelProblems(log), ({ name }) => name === "tail")).toEqual({
      victims: [{ pid: 71, name: "tail", uid: 0 }],
      problems: [],
    });
  });

  test("lets no other one", () => {
    const both = `${log}\n${killed(46, "redis")}`;
    const { victims, problems } = judgeProblems(findKernelProblems(both), ({ name }) => name === "tail");
    expect(victims.map(({ pid }) => pid)).toEqual([71]);
    expect(problems.map(({ summary }) => summary)).toEqual([expect.stringContaining("process 46 (redis)")]);
  });

  test.each(["warning", "oops", "stall", "locking"])("never lets pass what %s.log has", (name) => {
    const text = readFileSync(packagePath("test", "kernel-logs", `${name}.log`), "utf8");
    const { problems } = judgeProblems(findKernelProblems(text), () => true);
    expect(problems.map(({ kind }) => kind)).toContain(name);
  });
});
