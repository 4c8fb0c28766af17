// SPDX-License-Identifier: Apache-2.0
/**
 * What instructions cost on real processors, as others have published it: for estimates. A figure without a source is not
 * here; an event that is missing has none that was found (IRETQ, VERW, WRMSR), and is left out of every sum.
 */

export interface Band {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

export interface Cost extends Band {
  /** Of each of the three figures. */
  readonly source: string;
}

const skyBridge = "Mi et al., SkyBridge, EuroSys 2019";
const kernelEntry = "blitz/kernel_entry_benchmark, x86.lol/generic/2019/07/04/kernel-entry.html";

/** Cycles, by the name of the event in userland/plugin/events.c. */
export const instructionCosts: Readonly<Record<string, Cost>> = {
  SYSCALL: {
    ...{ low: 35, mid: 58.5, high: 82 },
    source: `low: half of the 70 cycles for SYSCALL and SYSRET of ${kernelEntry}; high: ${skyBridge}; mid: the mean of both`,
  },
  SYSRET: {
    ...{ low: 35, mid: 55, high: 75 },
    source: `low: half of the 70 cycles for SYSCALL and SYSRET of ${kernelEntry}; high: ${skyBridge}; mid: the mean of both`,
  },
  SWAPGS: {
    ...{ low: 12, mid: 19, high: 26 },
    source: `high: ${skyBridge}; low: half of what the call that does nothing there (181) leaves for two of them beside its SYSCALL (82) and SYSRET (75); mid: the mean of both`,
  },
  "MOV-CR3": {
    ...{ low: 100, mid: 143, high: 186 },
    source: `low: "on the order of a hundred cycles", Linux, Documentation/arch/x86/pti.rst; high: ${skyBridge}; mid: the mean of both`,
  },
  LFENCE: {
    ...{ low: 4, mid: 10, high: 24 },
    source:
      "low: uops.info, Skylake; mid: uops.info, Zen 3; high: 9.3 and a quarter of the 60 instructions before it, stackoverflow.com/q/51986046 (Skylake)",
  },
  LOCK: {
    ...{ low: 7.5, mid: 18, high: 29 },
    source:
      "low: uops.info, INC_LOCK (M64), throughput, Zen 3; mid: the same, Skylake; high: its longest latency, Skylake; all without another processor that wants the line",
  },
};

/** And every other instruction. */
export const otherInstructionCost: Cost = {
  ...{ low: 0.25, mid: 1.1, high: 1.33 },
  source:
    "low: four a cycle, the most for additions in registers, uops.info, Skylake and Zen 3; mid: nginx at 0.91 instructions a cycle, mvermeulen.org/perf/?p=916 (Intel); high: nginx at 0.75, perf.mvermeulen.com/workloads/phoronix/nginx (AMD)",
};
