/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * void call_with_regs(struct call_regs *regs, void (*entry)(void))
 *
 * Loads the registers in @regs, calls @entry and stores them back.
 */
	.text
	.globl	call_with_regs
	.type	call_with_regs, @function
call_with_regs:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	pushq	%rsi
	movq	%rdi, %rcx
	movq	0(%rcx), %rax
	movq	8(%rcx), %rdi
	movq	16(%rcx), %rsi
	movq	24(%rcx), %rdx
	movq	32(%rcx), %r10
	movq	40(%rcx), %r8
	movq	48(%rcx), %r9
	movq	56(%rcx), %rbx
	movq	64(%rcx), %rbp
	movq	72(%rcx), %r12
	movq	80(%rcx), %r13
	movq	88(%rcx), %r14
	movq	96(%rcx), %r15
	call	*(%rsp)
	movq	8(%rsp), %rcx
	movq	%rax, 0(%rcx)
	movq	%rdi, 8(%rcx)
	movq	%rsi, 16(%rcx)
	movq	%rdx, 24(%rcx)
	movq	%r10, 32(%rcx)
	movq	%r8, 40(%rcx)
	movq	%r9, 48(%rcx)
	movq	%rbx, 56(%rcx)
	movq	%rbp, 64(%rcx)
	movq	%r12, 72(%rcx)
	movq	%r13, 80(%rcx)
	movq	%r14, 88(%rcx)
	movq	%r15, 96(%rcx)
	addq	$16, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	call_with_regs, . - call_with_regs

/*
 * void repeat_call(long number, void (*entry)(void))
 *
 * Stops by a breakpoint, and then calls @entry with @number for ever. R12 counts
 * the calls that have returned, to repeat_call_returned.
 */
	.globl	repeat_call, repeat_call_returned
	.type	repeat_call, @function
repeat_call:
	movq	%rdi, %rbx
	movq	%rsi, %r13
	xorl	%r12d, %r12d
	int3
1:	movq	%rbx, %rax
	call	*%r13
repeat_call_returned:
	incq	%r12
	jmp	1b
	.size	repeat_call, . - repeat_call

/* void syscall_entry(void): an entry that is the SYSCALL instruction. */
	.globl	syscall_entry
	.type	syscall_entry, @function
syscall_entry:
	.byte	0x0f, 0x05		/* our assembler has a macro of that name */
	ret
	.size	syscall_entry, . - syscall_entry

	.section .note.GNU-stack, "", @progbits
