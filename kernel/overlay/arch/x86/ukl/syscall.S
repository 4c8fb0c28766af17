/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: system calls by function call.
 */
#include <linux/linkage.h>
#include <asm/asm-offsets.h>
#include <asm/asm.h>
#include <asm/errno.h>
#include <asm/nospec-branch.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/thread_info.h>
#include <asm/ukl_compat.h>
#include <asm/ukl_fast.h>
#include <asm/unistd.h>
#include <asm/unwind_hints.h>

#include "../entry/calling.h"

.code64

/*
 * Construct struct pt_regs at task_pt_regs(current) for a call from RCX with the
 * stack pointer R11. RSP is the top of the task's stack; clobbers R11.
 */
.macro BUILD_PT_REGS
	pushq	$__KERNEL_DS				/* pt_regs->ss */
	pushq	%r11					/* pt_regs->sp */
	pushq	$(X86_EFLAGS_IF | X86_EFLAGS_FIXED)	/* pt_regs->flags */
	pushq	$__KERNEL_CS				/* pt_regs->cs */
	pushq	%rcx					/* pt_regs->ip */
	pushq	%rax					/* pt_regs->orig_ax */
	movq	$-1, %r11				/* UKL_R11_CALLED */
	PUSH_REGS rax=$-ENOSYS
.endm

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
	movq	%rsp, %r11
	movq	UKL_TOP_OF_STACK, %rsp
	/* As SYSCALL's mask does: DF, AC and NT, with which an IRET would fault. */
	pushq	$X86_EFLAGS_FIXED
	popfq

	/* CLEAR_REGS would be for nothing: who chose the registers is at CPL 0. */
	BUILD_PT_REGS

.Lfull_call:
	movq	%rsp, %rdi
	/* System call numbers are treated as int. */
	movslq	ORIG_RAX(%rsp), %rsi
	call	do_syscall_64		/* returns with interrupts disabled */

.Lreturn:
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

/*
 * What ukl_fast_calls[] has for system calls that need the work of the full entry
 * and exit: forgets that it was called and makes the call anew.
 */
SYM_CODE_START(ukl_full_call)
	UNWIND_HINT_REGS offset=8
	ENDBR
	addq	$8, %rsp
	UNWIND_HINT_REGS
	cli
	jmp	.Lfull_call
SYM_CODE_END(ukl_full_call)

/*
 * UKL_FAST_SYSCALL - a system call without what is rarely due at entry and exit
 *
 * Contract as ukl_syscall; @calls has a function for each number. Entry work is
 * what syscall_work says, and what context tracking wants: either makes it a full
 * call. Exit work is looked for, with interrupts off, in the flags of the thread,
 * and done if there is any. What is left out for good is the stack offset's random
 * part, and erasing the stack.
 *
 * Not in .entry.text: but for the stack it is ordinary kernel code, with RCU
 * watching and interrupts on.
 */
.macro UKL_FAST_SYSCALL entry:req calls:req
SYM_CODE_START(\entry)
	UNWIND_HINT_END_OF_STACK
	ENDBR
#ifdef CONFIG_CONTEXT_TRACKING_USER
	cmpl	$0, context_tracking_key(%rip)		/* static_key.enabled */
	jne	ukl_syscall
#endif
	cmpl	$NR_syscalls, %eax
	jae	ukl_no_such_call
	movl	%eax, %eax
	/*
	 * The return address stays where it is. Interrupts are off so that no debugger
	 * can have stopped the program just there, to step it over the switch.
	 */
	movq	(%rsp), %rcx
	leaq	8(%rsp), %r11
	cli
	movq	UKL_TOP_OF_STACK, %rsp
	pushq	$(X86_EFLAGS_IF | X86_EFLAGS_FIXED)
	popfq
	BUILD_PT_REGS

	/* Not before: up to here a tracer can stop the program, and set it. */
	movq	UKL_CURRENT_TASK, %rcx
	cmpq	$0, UKL_TI_SYSCALL_WORK(%rcx)
	jne	.Lentry_work_\@

	movq	%rsp, %rdi
	movq	\calls(,%rax,8), %rax
	CALL_NOSPEC rax

	cli
	movq	UKL_CURRENT_TASK, %rcx
	testl	$UKL_EXIT_WORK, UKL_TI_FLAGS(%rcx)
	jnz	.Lexit_work_\@

	movq	R10(%rsp), %r10
	movq	R9(%rsp), %r9
	movq	R8(%rsp), %r8
	movq	RDX(%rsp), %rdx
	movq	RSI(%rsp), %rsi
	movq	RDI(%rsp), %rdi
	movq	RSP(%rsp), %rsp
	UNWIND_HINT_END_OF_STACK
	/* Back in application mode, as at the end of ukl_syscall. */
	leaq	-8(%rsp), %rsp
	sti
	ANNOTATE_UNRET_SAFE
	ret
	int3

.Lentry_work_\@:
	UNWIND_HINT_REGS
	cli
	jmp	.Lfull_call

.Lexit_work_\@:
	UNWIND_HINT_REGS
	sti
	movq	%rax, RAX(%rsp)
	movq	%rsp, %rdi
	call	syscall_exit_to_user_mode	/* returns with interrupts disabled */
	jmp	.Lreturn
SYM_CODE_END(\entry)
_ASM_NOKPROBE(\entry)
.endm

.text
/*
 * The fast entries for a number that no system call has, without leaving application
 * mode. Who stops the program from ukl_no_such_call_return on stops it after the
 * call; for a single step see ukl_debug_kernel().
 */
SYM_CODE_START_LOCAL(ukl_no_such_call)
	UNWIND_HINT_END_OF_STACK
#ifdef CONFIG_X86_X32_ABI
	btl	$30, %eax				/* __X32_SYSCALL_BIT */
	jc	ukl_syscall
#endif
	movq	UKL_CURRENT_TASK, %rcx
	cmpq	$0, UKL_TI_SYSCALL_WORK(%rcx)
	jne	ukl_syscall
SYM_INNER_LABEL(ukl_no_such_call_return, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	movq	$-ENOSYS, %rax
	ANNOTATE_UNRET_SAFE
	ret
SYM_INNER_LABEL(ukl_no_such_call_end, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	int3
SYM_CODE_END(ukl_no_such_call)
_ASM_NOKPROBE(ukl_no_such_call)

UKL_FAST_SYSCALL entry=ukl_fast_syscall calls=ukl_fast_calls
#ifdef CONFIG_INET
UKL_FAST_SYSCALL entry=ukl_shortcut_syscall calls=ukl_shortcut_calls
#endif
