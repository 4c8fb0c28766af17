// SPDX-License-Identifier: Apache-2.0
/**
 * Instructions that do something else at CPL 0 than in an ordinary process. What each does was tried on the
 * kernel of this package; notes/check.md has the table.
 */

import { Code, type Instruction, OpKind, Register } from "iced-x86";
import { plural } from "../log/plural.js";
import type { InstructionRule } from "./rule.js";

const interruptFlag = 0x200;

export const instructionRules = [
  {
    id: "syscall-instruction",
    severity: "slower",
    encodings: /^Syscall$/,
    matches: (_instruction, { inRing3Stub }) => !inRing3Stub,
    message: ({ count }) => `${plural(count, "system call")} by instruction instead of by call`,
    advice:
      "Works. To have it faster, build this code with our toolchain; its assembler turns syscall into a call",
  },
  {
    id: "int80",
    severity: "blocker",
    encodings: /^Int_imm8$/,
    matches: (instruction) => instruction.immediate8 === 0x80,
    message: ({ count }) => `${plural(count, "system call")} by int $0x80: ends in a signal`,
    advice: "The kernel has no 32-bit emulation. Use syscall, or the C library",
  },
  {
    id: "sysenter",
    severity: "blocker",
    encodings: /^Sysenter$/,
    message: ({ count }) => `${plural(count, "sysenter instruction")}: ends in a signal`,
    advice: "It is for 32-bit programs. Use syscall, or the C library",
  },
  {
    id: "software-interrupt",
    severity: "blocker",
    encodings: /^Int_imm8$/,
    // 3 and 4 are exceptions that any program may raise.
    matches: ({ immediate8 }) => immediate8 !== 0x80 && immediate8 !== 3 && immediate8 !== 4,
    message: ({ count }) =>
      `${plural(count, "software interrupt")}: taken for the hardware's, by which the kernel may crash`,
    advice: "In an ordinary process it is a SIGSEGV. Use int3, ud2 or raise() to stop the program",
  },
  {
    id: "gs-base",
    severity: "blocker",
    encodings: /^(Wrgsbase_|Mov_Sreg_|Pop[wdq]_GS$|Lgs_)/,
    matches: (instruction) => instruction.op0Register === Register.GS || isGsLoad(instruction),
    message: ({ count }) => `${plural(count, "instruction")} overwriting the GS base: the machine hangs`,
    advice: "GS is the kernel's at CPL 0. Keep thread data in thread-local variables (FS)",
  },
  {
    id: "gs-memory",
    severity: "blocker",
    encodings: "gs",
    matches: usesGsMemory,
    message: ({ count }) =>
      `${plural(count, "memory access", "memory accesses")} through GS: into the kernel's per-CPU data`,
    advice:
      "Keep thread data in thread-local variables (FS). If it is the stack protector's %gs:0x28, build without -mcmodel=kernel",
  },
  {
    id: "stack-segment",
    severity: "blocker",
    encodings: /^(Mov_Sreg_|Lss_)/,
    matches: (instruction) =>
      instruction.op0Register === Register.SS || /^Lss_/.test(Code[instruction.code] ?? ""),
    message: ({ count }) =>
      `${plural(count, "instruction")} loading SS: a process's selector is a SIGSEGV at CPL 0`,
    advice: "Leave SS alone: in 64-bit mode it has no effect that a program needs",
  },
  {
    id: "interrupts-off",
    severity: "blocker",
    encodings: /^(Cli|Popf[wq])$/,
    matches: (instruction, { before }) => instruction.code === Code.Cli || popsNoInterruptFlag(before()),
    message: ({ count }) =>
      `${plural(count, "instruction")} switching interrupts off: timers stop, the CPU is never shared`,
    advice:
      "In an ordinary process cli is a SIGSEGV and popf leaves the interrupt flag alone. Keep bit 9 set, or leave it out",
  },
  {
    id: "flags-from-stack",
    severity: "note",
    encodings: /^Popf[wq]$/,
    matches: (_instruction, { before }) => !popsNoInterruptFlag(before()),
    message: ({ count }) =>
      `${plural(count, "popf instruction")}: at CPL 0 the interrupt flag is written, too`,
    advice: "Harmless with flags that pushf has saved. The alignment check (AC) does not work at CPL 0",
  },
  {
    id: "far-transfer",
    severity: "blocker",
    encodings: /^(Iret[wdq]|Retf[wdq](_imm16)?|(Jmp|Call)_m16(16|32|64))$/,
    matches: (instruction, { before }) => isFarBranch(instruction) || pushesUserSelector(before()),
    message: ({ count }) =>
      `${plural(count, "far jump")} to a process's code segment: leaving CPL 0 ends in SIGSEGV`,
    advice: "Jump near: a unikernel has one code segment",
  },
  {
    id: "far-return",
    severity: "note",
    encodings: /^(Iret[wdq]|Retf[wdq](_imm16)?)$/,
    matches: (_instruction, { before }) => !pushesUserSelector(before()),
    message: ({ count }) =>
      `${plural(count, "return")} by iret or lret: works only with the selectors that CS and SS hold`,
    advice: "Save the selectors with mov %cs and mov %ss; do not write them as numbers",
  },
  {
    id: "selector-read",
    severity: "note",
    encodings: /^Mov_r(m16|32m16|64m16)_Sreg$/,
    matches: ({ op1Register }) => op1Register === Register.CS || op1Register === Register.SS,
    message: ({ count }) =>
      `${plural(count, "read")} of CS or SS: 0x10 and 0x18 instead of a process's 0x33 and 0x2b`,
    advice: "Do not compare them with numbers. Signal frames and debuggers show those of a process",
  },
  {
    id: "privileged",
    severity: "blocker",
    encodings:
      /^(L[gi]dt_|Lldt_|Ltr_|Lmsw_|Clts$|Mov_(cr|dr)_r|Wrmsr|Invd$|Wbn?oinvd$|Wbinvd$|Invlpg|Invpcid|Invept|Invvpid|Xsetbv$|Swapgs$|Sysret|Sysexit|Mwait$|Monitor[wdq]$|Clac$|Stac$|Rsm$|Vm(launch|resume|xoff|xon|clear|ptrld|run)|Skinit$|Clgi$|Stgi$|Getsec|Encls$|Setssbsy$|Clrssbsy|Wruss|Xsaves|Xrstors)/,
    message: ({ count }) =>
      `${plural(count, "privileged instruction")} changing the machine instead of raising SIGSEGV`,
    advice:
      "The kernel does not expect it. Leave it to the kernel; a program that only probes for it must not do so at CPL 0",
  },
  {
    id: "privileged-read",
    severity: "note",
    encodings: /^(Rdmsr|Mov_r(32|64)_(cr|dr)$|Sti$|Rdpmc$|Rdgsbase_)/,
    message: ({ count }) =>
      `${plural(count, "instruction")} working at CPL 0 that would be a SIGSEGV in a process`,
    advice:
      "Harmless in itself. Code that waits for the signal, to find out where it runs, finds out something else",
  },
  {
    id: "halt",
    severity: "note",
    encodings: /^Hlt$/,
    matches: (_instruction, { before, after }) => !isAfterCall(before()) && !isJump(after()),
    message: ({ count }) =>
      `${plural(count, "hlt instruction")}: waiting for an interrupt and going on instead of raising SIGSEGV`,
    advice: "To stop the program use ud2, abort() or __builtin_trap()",
  },
  {
    id: "port-io",
    severity: "note",
    encodings: /^(In|Out)(_|s[bwd]_)/,
    message: ({ count }) =>
      `${plural(count, "access", "accesses")} to I/O ports, which need no permission at CPL 0`,
    advice: "Works, and reaches the (virtual) hardware. Code that expects SIGSEGV without ioperm() gets none",
  },
  {
    id: "system-table-read",
    severity: "note",
    encodings: /^(Sgdt|Sidt|Sldt|Str|Smsw)_/,
    message: ({ count }) =>
      `${plural(count, "read")} of system tables (sgdt, sidt, smsw, …): the machine's, not emulated ones`,
    advice: "Works. Do not decide by the values whether this is a virtual machine",
  },
  {
    id: "enclave",
    severity: "blocker",
    encodings: /^Enclu$/,
    message: ({ count }) => `${plural(count, "enclu instruction")}: SGX enclaves are for CPL 3 only`,
    advice: "Run it at the level linux, on a kernel with SGX",
  },
  {
    id: "protection-key-register",
    severity: "note",
    encodings: /^(Wrpkru|Rdpkru)$/,
    message: ({ count }) =>
      `${plural(count, "access", "accesses")} to the protection keys' register: a SIGILL, as the kernel has them off`,
    advice: "Harmless where pkey_alloc() is asked first: it fails",
  },
  {
    id: "vsyscall",
    severity: "blocker",
    encodings: /^(Mov_r64_imm64|Mov_rm64_imm32)$/,
    matches: (instruction) => isVsyscall(instruction.immediate(1)),
    message: ({ count }) =>
      `${plural(count, "use")} of the vsyscall page: the kernel has none, a call there is a SIGSEGV`,
    advice: "Build it with a C library of this century: they use the vDSO, which works",
  },
  {
    id: "stack-pointer-arithmetic",
    severity: "blocker",
    encodings:
      /^((Xor|Or|Imul|Neg|Not|Rol|Ror|Rcl|Rcr|Shl|Adc|Sbb|Bswap)_r(m)?64|Mov_rm64_imm32$|Mov_r64_imm64$)/,
    matches: (instruction, { before }) =>
      instruction.op0Register === Register.RSP &&
      !isStackAddress(instruction) &&
      !isAlignment(instruction, before()),
    message: ({ count }) => `${plural(count, "instruction")} using RSP for arithmetic`,
    advice:
      "The kernel tells the application from itself by RSP: a value with the highest bit set crashes it at the next interrupt. Use another register",
  },
] as const satisfies readonly InstructionRule[];

/** Whether an address lies on the page through which old C libraries made system calls. */
export function isVsyscall(value: bigint): boolean {
  return BigInt.asUintN(64, value) >> 12n === 0xffffffffff600n;
}

function isGsLoad({ code }: Instruction): boolean {
  return /^(Wrgsbase_|Lgs_)/.test(Code[code] ?? "");
}

function usesGsMemory(instruction: Instruction): boolean {
  // Padding is made of nops with any prefixes.
  if (/^(Nop|Reservednop)/.test(Code[instruction.code] ?? "") || instruction.segmentPrefix !== Register.GS)
    return false;
  return Array.from({ length: instruction.opCount }, (_, operand) => instruction.opKind(operand)).some(
    (kind) => kind === OpKind.Memory || (kind >= OpKind.MemorySegSI && kind <= OpKind.MemorySegRDI),
  );
}

function popsNoInterruptFlag(before: Iterable<Instruction>): boolean {
  const [last] = before;
  return (
    last !== undefined &&
    /^Push(q|d)?_imm/.test(Code[last.code] ?? "") &&
    (Number(last.immediate(0)) & interruptFlag) === 0
  );
}

/** __USER32_CS, __USER_CS: what code that knows Linux pushes. */
const userCodeSelectors: readonly bigint[] = [0x23n, 0x33n];

function pushesUserSelector(before: Iterable<Instruction>): boolean {
  let distance = 0;
  for (const instruction of before) {
    if (++distance > 8) break;
    if (
      /^Push[dq]_imm/.test(Code[instruction.code] ?? "") &&
      userCodeSelectors.includes(instruction.immediate(0))
    )
      return true;
  }
  return false;
}

function isFarBranch({ code }: Instruction): boolean {
  return /^(Jmp|Call)_m16/.test(Code[code] ?? "");
}

/** Compilers and C libraries have a hlt behind calls that should not have returned. */
function isAfterCall(before: Iterable<Instruction>): boolean {
  let distance = 0;
  for (const { code } of before) {
    if (/^(Call|Syscall|Hlt|Ud2|Jmp)/.test(Code[code] ?? "")) return true;
    if (++distance === 4) break;
  }
  return false;
}

/** A hlt in an endless loop stops the program in any case: the C library has it behind what cannot return. */
function isJump({ code }: Instruction): boolean {
  return /^(Jmp_rel|Hlt)/.test(Code[code] ?? "");
}

/** shr $4, %rsp; shl $4, %rsp: another way to write and $-16. */
function isAlignment({ code }: Instruction, before: Iterable<Instruction>): boolean {
  const [last] = before;
  return (
    code === Code.Shl_rm64_imm8 && last?.code === Code.Shr_rm64_imm8 && last.op0Register === Register.RSP
  );
}

/** A constant that may be the top of a stack: in the user half. */
function isStackAddress(instruction: Instruction): boolean {
  return /^Mov_/.test(Code[instruction.code] ?? "") && BigInt.asIntN(64, instruction.immediate(1)) >= 0n;
}
