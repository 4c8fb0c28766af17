// SPDX-License-Identifier: Apache-2.0
/** Calls that do something else for a program in ring 0, or that the kernel of the package refuses. */

import { plural } from "../log/plural.js";
import type { CallRule } from "./rule.js";

/** Operations of arch_prctl(2) and prctl(2), by their numbers in the kernel's headers. */
const archSetGs = 0x1001;
const archSetCpuid = 0x1012;
const setSeccomp = 22;
const setTimestampCounter = 26;

export const callRules = [
  {
    id: "set-gs",
    severity: "blocker",
    requests: [{ functions: ["arch_prctl"], systemCall: 158, firstArgument: [archSetGs] }],
    message: ({ count }) => `${plural(count, "call")} of arch_prctl(ARCH_SET_GS): EPERM`,
    advice: "GS is the kernel's at CPL 0. Keep thread data in thread-local variables (FS)",
  },
  {
    id: "segment-table",
    severity: "blocker",
    requests: [{ functions: ["modify_ldt"], systemCall: 154 }, { functions: ["vm86", "vm86old"] }],
    message: ({ details }) =>
      `Segments of its own (${details.join(", ")}): ENOSYS, and none could run code at CPL 0`,
    advice:
      "Programs for 16 and 32-bit code need the level linux, on a kernel with CONFIG_MODIFY_LDT_SYSCALL",
  },
  {
    id: "sandbox",
    severity: "note",
    requests: [
      { functions: ["seccomp", "seccomp_load"], systemCall: 317 },
      { functions: ["prctl"], systemCall: 157, firstArgument: [setSeccomp] },
      { functions: ["landlock_restrict_self"], systemCall: 446 },
    ],
    message: ({ details }) =>
      `A sandbox for itself (${details.join(", ")}): the kernel has it off, and it confines nothing at CPL 0`,
    advice:
      "Switch it off in the program's configuration, and trust the program as a kernel module is trusted",
  },
  {
    id: "port-permission",
    severity: "note",
    requests: [
      { functions: ["iopl"], systemCall: 172 },
      { functions: ["ioperm"], systemCall: 173 },
    ],
    message: ({ details }) =>
      `Permission for I/O ports (${details.join(", ")}): ENOSYS, though they can be used without`,
    advice: "Leave the call out, or do not take its failure for the end",
  },
  {
    id: "debugger",
    severity: "note",
    requests: [{ functions: ["ptrace"], systemCall: 101 }],
    message: ({ count }) =>
      `${plural(count, "call")} of ptrace: works; of programs in ring 0 with CAP_SYS_PTRACE only`,
    advice: "Run a debugger as root, and best beside the application, in ring 3",
  },
  {
    id: "run-time-libraries",
    severity: "note",
    requests: [{ functions: ["dlopen"] }, { functions: ["dlmopen"] }],
    message: ({ count }) =>
      `Shared libraries that it opens when it runs, in ${plural(count, "place")}: not looked for here, and a static program opens only its modules`,
    advice: 'Name what it opens as "modules" in its configuration, or switch its plug-ins off',
  },
  {
    id: "protection-keys",
    severity: "note",
    requests: [
      { functions: ["pkey_alloc"], systemCall: 330 },
      { functions: ["pkey_mprotect"], systemCall: 329 },
    ],
    message: ({ details }) =>
      `Protection keys (${details.join(", ")}): ENOSYS, as they guard the pages of ring 3 only`,
    advice: "Use mprotect(), which works at CPL 0 too",
  },
  {
    id: "instruction-trap",
    severity: "note",
    requests: [
      { functions: ["prctl"], systemCall: 157, firstArgument: [setTimestampCounter] },
      { functions: ["arch_prctl"], systemCall: 158, firstArgument: [archSetCpuid] },
    ],
    message: ({ details }) => `A trap on rdtsc or cpuid (${details.join(", ")}): neither traps at CPL 0`,
    advice: "Recorders and simulators that depend on it need the level linux",
  },
  {
    id: "hardware-counters",
    severity: "note",
    requests: [{ functions: ["perf_event_open"], systemCall: 298 }],
    message: ({ count }) =>
      `${plural(count, "call")} of perf_event_open: the hardware counts the program as kernel code`,
    advice: "Do not exclude the kernel (exclude_kernel, the suffix :u): nothing would be counted",
  },
] as const satisfies readonly CallRule[];
