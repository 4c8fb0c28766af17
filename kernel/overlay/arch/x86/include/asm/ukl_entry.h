/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: assembler macros for the exception entry stubs.
 *
 * At CPL 0 the CPU pushes an exception frame onto the current stack. In
 * application mode that is a pageable stack with a red zone: the push may fault
 * (a double fault; an interrupt that is lost for good) and it overwrites live
 * data. So every gate without an IST of its own has IST_INDEX_UKL, and the stub
 * moves the frame to where the rest of the entry code expects it.
 *
 * Needs the pt_regs offsets of arch/x86/entry/calling.h.
 */
#ifndef _ASM_X86_UKL_ENTRY_H
#define _ASM_X86_UKL_ENTRY_H

#ifdef __ASSEMBLY__

#include <asm/ukl_compat.h>

/*
 * Move an exception frame that came from CPL 0 off the IST stack: to the top of
 * the task's stack from application mode, so that pt_regs end up at
 * task_pt_regs(); below the interrupted stack pointer from kernel mode, where
 * the CPU would have put it without an IST. A frame from CPL 3 stays:
 * error_entry copies it to the task's stack.
 *
 * Where the gate has no IST (early boot) the frame is copied onto itself.
 *
 * On entry and exit RSP points at ORIG_RAX or the error code, interrupts are
 * off and all other registers are preserved. RSP leaves the IST stack only
 * after everything has been read from it: until then ukl_ist_enter() keeps
 * exceptions inside an NMI from overwriting it.
 */
.macro UKL_LEAVE_IST vector:req
#ifdef CONFIG_UKL
	testb	$3, CS-ORIG_RAX(%rsp)
	jnz	.Lukl_off_ist_\@
	pushq	%rax
	pushq	%rdx

	movq	(RSP-ORIG_RAX+16)(%rsp), %rax
	testq	%rax, %rax
	js	.Lukl_from_kernel_\@
	movq	UKL_TOP_OF_STACK, %rax
	jmp	.Lukl_move_\@

.Lukl_from_kernel_\@:
	andq	$-16, %rax
	/*
	 * Two stacks cannot take the frame, and what the CPU would have made of
	 * them is a double fault: the read-only alias on which IRET to a 16-bit
	 * stack faults (see exc_double_fault()), and one that has overflowed, where
	 * the missing page is the one that the frame belongs on.
	 */
	movq	%rax, %rdx
	sarq	$39, %rdx			/* P4D_SHIFT */
	cmpq	$ESPFIX_PGD_ENTRY, %rdx
	.if \vector != X86_TRAP_PF
	jne	.Lukl_move_\@
	.else
	je	.Lukl_double_fault_\@
	movq	%cr2, %rdx
	subq	$8, %rax
	xorq	%rax, %rdx
	addq	$8, %rax
	cmpq	$PAGE_SIZE, %rdx
	jae	.Lukl_move_\@
.Lukl_double_fault_\@:
	.endif
	popq	%rdx
	popq	%rax
	jmp	asm_exc_double_fault

.Lukl_move_\@:
	/* RAX: end of the new frame. On the stack: RDX, RAX, ORIG_RAX ... SS. */
	movq	7*8(%rsp), %rdx
	movq	%rdx, -1*8(%rax)		/* SS */
	movq	6*8(%rsp), %rdx
	movq	%rdx, -2*8(%rax)		/* RSP */
	movq	5*8(%rsp), %rdx
	movq	%rdx, -3*8(%rax)		/* RFLAGS */
	movq	4*8(%rsp), %rdx
	movq	%rdx, -4*8(%rax)		/* CS */
	movq	3*8(%rsp), %rdx
	movq	%rdx, -5*8(%rax)		/* RIP */
	movq	2*8(%rsp), %rdx
	movq	%rdx, -6*8(%rax)		/* ORIG_RAX */
	movq	1*8(%rsp), %rdx
	movq	%rdx, -7*8(%rax)		/* RAX, popped below */
	movq	(%rsp), %rdx
	leaq	-7*8(%rax), %rsp
	UNWIND_HINT_IRET_REGS offset=16
	popq	%rax
.Lukl_off_ist_\@:
	UNWIND_HINT_IRET_REGS offset=8
#endif
.endm

/*
 * Jump to @label, which expects a frame from user mode, if the frame of a #DB or
 * #MC is the application's own. RIP tells the application from the stubs that run
 * on its stack: those take the paranoid path, like the SYSCALL gap.
 *
 * RSP points at ORIG_RAX, on the exception's IST stack.
 */
.macro UKL_JUMP_IF_FROM_APP vector:req label:req
#ifdef CONFIG_UKL
	cmpq	$0, RIP-ORIG_RAX(%rsp)
	jl	.Lukl_paranoid_\@
	cmpq	$0, RSP-ORIG_RAX(%rsp)
	jl	.Lukl_paranoid_\@
	UKL_LEAVE_IST \vector
	jmp	\label
.Lukl_paranoid_\@:
#endif
.endm

/*
 * Jump to @label if the frame at RSP (ORIG_RAX) was saved in application mode
 * or in user mode; the CPL 3 test has been done by the caller.
 */
.macro UKL_JUMP_IF_APP_STACK label:req
#ifdef CONFIG_UKL
	cmpq	$0, RSP-ORIG_RAX(%rsp)
	jge	\label
#endif
.endm

/* Jump to @label if the pt_regs at RSP return to CPL 0, with kernel GS and CR3. */
.macro UKL_JUMP_IF_CPL0 label:req
#ifdef CONFIG_UKL
	testb	$3, CS(%rsp)
	jz	\label
#endif
.endm

#endif /* __ASSEMBLY__ */
#endif /* _ASM_X86_UKL_ENTRY_H */
