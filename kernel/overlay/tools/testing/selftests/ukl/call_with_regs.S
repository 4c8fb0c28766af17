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

	.section .note.GNU-stack, "", @progbits
