// SPDX-License-Identifier: Apache-2.0
/** Why a machine of ours does not come to a part of the kernel's stubs. */

import type { StubInstruction } from "./stub-code.js";

/** Handlers that nothing leads to. */
const silentStubs: Readonly<Record<string, string>> = {
  asm_exc_alignment_check: "raised at CPL 3 only",
  asm_exc_device_not_available: "the kernel leaves the floating-point unit on",
  asm_exc_invalid_tss: "raised by a switch of hardware tasks",
  asm_exc_segment_not_present: "takes a segment that is absent from a table of descriptors",
  asm_exc_simd_coprocessor_error: "QEMU's emulation does not raise it",
  asm_exc_spurious_interrupt_bug: "reserved by the processor",
  asm_exc_stack_segment: "QEMU's emulation raises #GP instead",
  asm_spurious_interrupt: "a vector that no device uses",
  asm_sysvec_deferred_error: "takes a processor that reports errors later",
  asm_sysvec_error_interrupt: "takes an interrupt controller that fails",
  asm_sysvec_reboot: "stops the CPU",
  asm_sysvec_spurious_apic_interrupt: "takes an interrupt controller that fails",
  asm_sysvec_thermal: "takes a processor that overheats",
  asm_sysvec_threshold: "takes a processor that counts corrected errors",
  asm_sysvec_x86_platform_ipi: "nothing sends it",
};

/** What the kernel itself raises in the walk; the others it does not. */
const raisedByKernel: ReadonlySet<string> = new Set([
  "asm_exc_page_fault",
  "asm_common_interrupt",
  "asm_sysvec_apic_timer_interrupt",
]);

/** The reason, or undefined when it should have been reached. */
export function explainUnreached({ stub, part }: StubInstruction): string | undefined {
  if (part === "no-place") return "takes a kernel stack that has overflowed, or the espfix alias";
  if (part === "text-patching") return "takes code that the kernel patches meanwhile";
  if (part === "from-kernel" && !raisedByKernel.has(stub)) return "the kernel itself does not raise it here";
  return silentStubs[stub];
}
