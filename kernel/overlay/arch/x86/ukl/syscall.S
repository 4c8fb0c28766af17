/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: system calls by function call.
 */
#include <linux/linkage.h>
#include <asm/asm-offsets.h>
#include <asm/errno.h>
#include <asm/nospec-branch.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/smap.h>
#include <asm/thread_info.h>
#include <asm/ukl_compat.h>
#include <asm/unistd.h>
#include <asm/unwind_hints.h>

#include "../entry/calling.h"

.code64
.section .entry.text, "ax"

/*
 * ukl_syscall - the SYSCALL instruction as a function
 *
 * Called by a UKL application, at CPL 0, on the application's stack, with
 * interrupts on and kernel GS.
 *
 * rax		number of the system call; the result
 * rdi, rsi, rdx, r10, r8, r9	arguments, preserved
 * rcx, r11	clobbered
 * (%rsp)	return address
 *
 * The registers are those of SYSCALL, and so is what happens to the stack: the
 * return address is popped at once and the caller is resumed by its address, so
 * calls that return on another stack, or twice, or never, need no special care.
 *
 * Until RSP is switched, and again once it is switched back, the code runs in
 * application mode: it may be interrupted, page-fault, be traced and be killed
 * like the application itself.
 */
SYM_CODE_START(ukl_syscall)
	UNWIND_HINT_END_OF_STACK
	ENDBR
	popq	%rcx

/*
 * Makes an interrupted call again; see ukl_syscall_rewind(). The registers are
 * those of ukl_syscall, with the return address in RCX.
 */
SYM_INNER_LABEL(ukl_syscall_restart, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	cli
	cld
	ASM_CLAC
	movq	%rsp, %r11
	movq	UKL_TOP_OF_STACK, %rsp

	/* Construct struct pt_regs at task_pt_regs(current). */
	pushq	$__KERNEL_DS				/* pt_regs->ss */
	pushq	%r11					/* pt_regs->sp */
	pushq	$(X86_EFLAGS_IF | X86_EFLAGS_FIXED)	/* pt_regs->flags */
	pushq	$__KERNEL_CS				/* pt_regs->cs */
	pushq	%rcx					/* pt_regs->ip */
	pushq	%rax					/* pt_regs->orig_ax */
	movq	$-1, %r11				/* UKL_R11_CALLED */
	PUSH_AND_CLEAR_REGS rax=$-ENOSYS

	movq	%rsp, %rdi
	/* System call numbers are treated as int. */
	movslq	%eax, %rsi
	call	do_syscall_64		/* returns with interrupts disabled */

	/*
	 * Return with RET if that restores everything: nothing moved RIP away
	 * from the return address (signal delivery, restart), changed the flags
	 * (single-stepping), left CPL 0 (exec of an ordinary program) or replaced
	 * the whole frame (sigreturn, which sets orig_ax to -1; the push below
	 * would write into the red zone of what it resumes). And the caller must
	 * not be ____longjmp_chk() of glibc, which has sigaltstack write into its
	 * red zone, where the push would overwrite it.
	 */
	movq	RCX(%rsp), %rcx
	cmpq	%rcx, RIP(%rsp)
	jne	.Lreturn_by_iret
	cmpq	$(X86_EFLAGS_IF | X86_EFLAGS_FIXED), EFLAGS(%rsp)
	jne	.Lreturn_by_iret
	testb	$3, CS(%rsp)
	jnz	.Lreturn_by_iret
	cmpq	$0, ORIG_RAX(%rsp)
	jl	.Lreturn_by_iret
	cmpq	$__NR_sigaltstack, ORIG_RAX(%rsp)
	je	.Lreturn_by_iret

	STACKLEAK_ERASE
	POP_REGS
	movq	(RSP-ORIG_RAX)(%rsp), %rsp
	UNWIND_HINT_END_OF_STACK
	/*
	 * Back in application mode. Interrupts go on before the push, because it
	 * may fault (fork write-protects the stack). RET pairs with the caller's
	 * CALL in the return stack buffer, which a jump would unbalance.
	 */
	sti
	pushq	%rcx
	ANNOTATE_UNRET_SAFE
	ret
	int3

.Lreturn_by_iret:
	UNWIND_HINT_REGS
	jmp	swapgs_restore_regs_and_return_to_usermode
SYM_CODE_END(ukl_syscall)
