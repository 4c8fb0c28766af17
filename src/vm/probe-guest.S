/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest guest that does what an ordinary one does first: the firmware
 * starts it in real mode, it switches on paging and long mode, and ends the
 * machine through QEMU's isa-debug-exit device. Assembled into probe-guest.ts;
 * a test compares the two.
 */
	.code16
	.globl	_start
_start:
	cli
	xorl	%eax, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp

	/* Page tables at 0x1000 to 0x3fff: the first 2 MiB, mapped to themselves. */
	cld
	movw	$0x1000, %di
	movw	$0x0c00, %cx
	rep stosl
	movw	$0x2003, 0x1000
	movw	$0x3003, 0x2000
	movw	$0x0083, 0x3000

	movl	$0x20, %eax		/* CR4.PAE */
	movl	%eax, %cr4
	movl	$0x1000, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER.LME */
	rdmsr
	orw	$0x100, %ax
	wrmsr
	lgdtl	gdt_pointer
	movl	%cr0, %eax
	orl	$0x80000001, %eax	/* CR0.PG, CR0.PE */
	movl	%eax, %cr0
	ljmpl	$8, $long_mode

	.code64
long_mode:
	movl	$0x2a, %eax
	outl	%eax, $0xf4
	hlt

	.balign	8
gdt:
	.quad	0
	.quad	0x00209a0000000000	/* 64-bit code */
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.org	510
	.word	0xaa55
