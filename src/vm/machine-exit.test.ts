// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { parseGuestStatus } from "./guest-status.js";
import { findKernelProblems } from "./kernel-log.js";
import { describeExit, determineExit, exitStatusOf, type MachineEvidence } from "./machine-exit.js";

const quiet: MachineEvidence = { status: parseGuestStatus(""), problems: [], ended: false, qemuMessage: "" };
const panicked = findKernelProblems("[    1.5] Kernel panic - not syncing: Fatal exception");

describe("parseGuestStatus", () => {
  test("reads the application's start and end", () => {
    expect(parseGuestStatus("started\n")).toEqual({
      started: true,
      listening: [],
      error: undefined,
      end: undefined,
    });
    expect(parseGuestStatus("started\nlistening 80\nlistening 443\n").listening).toEqual([80, 443]);
    expect(parseGuestStatus("started\nexit 7\n").end).toEqual({ kind: "exit", status: 7 });
    expect(parseGuestStatus("error Cannot start it\nexit 127\n")).toEqual({
      started: false,
      listening: [],
      error: "Cannot start it",
      end: { kind: "exit", status: 127 },
    });
  });

  test("waits for the end of a line", () => {
    expect(parseGuestStatus("started\nexit 1").end).toBeUndefined();
  });
});

describe("determineExit", () => {
  test.each([
    [{ status: parseGuestStatus("started\nexit 0\n") }, 0, undefined],
    [{ status: parseGuestStatus("started\nexit 7\n") }, 7, undefined],
    [{ status: parseGuestStatus("error No such file\nexit 127\n") }, 127, "No such file"],
    [
      { status: parseGuestStatus("started\nsignal 11\n") },
      139,
      "Application died of SIGSEGV (segmentation fault)",
    ],
    [
      { status: parseGuestStatus("started\nsignal 6\n") },
      134,
      "Application died of SIGABRT (abort() or a failed assertion)",
    ],
    [{ status: parseGuestStatus("started\nsignal 40\n") }, 168, "Application died of signal 40"],
    [{ problems: panicked }, 71, "The kernel failed: Kernel panic - not syncing: Fatal exception"],
    [
      { problems: panicked, status: parseGuestStatus("started\nexit 0\n") },
      71,
      "The kernel failed: Kernel panic - not syncing: Fatal exception",
    ],
    [{ timedOutAfterMs: 1500, ended: true }, 124, "The machine was ended because it still ran after 1.5 s"],
    [{ ended: true }, 130, "The machine was ended before its application"],
    [
      { ended: true, brokenDown: true, qemuMessage: "KVM internal error. Suberror: 1\nRAX=0" },
      1,
      "The machine ended without a word from the kernel: KVM internal error. Suberror: 1\n" +
        "KVM does not work well enough here. Run it under emulation: --accel tcg",
    ],
    [{}, 1, "The machine ended without a word from the kernel: the virtual processor was reset"],
    [
      { qemuSignal: "SIGKILL" as const },
      1,
      "The machine ended without a word from the kernel: QEMU was killed by SIGKILL",
    ],
  ])("%j", (evidence, status, sentence) => {
    const exit = determineExit({ ...quiet, ...evidence });
    expect(exitStatusOf(exit)).toBe(status);
    expect(describeExit(exit)).toBe(sentence);
  });
});
