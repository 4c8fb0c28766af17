/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the debugger of ukl_walk.c stops the program.
 *
 * void walk_marker(void): the end of a round; it goes on behind the NOP.
 * void walk_read_victim(void): reads walk_victim, by the instruction at
 * walk_victim_access.
 */
	.text
	.globl	walk_marker
	.type	walk_marker, @function
walk_marker:
	nop
	ret
	.size	walk_marker, . - walk_marker

	.globl	walk_read_victim
	.type	walk_read_victim, @function
walk_read_victim:
	movq	walk_victim(%rip), %rax
	.globl	walk_victim_access
walk_victim_access:
	movb	(%rax), %al
	ret
	.size	walk_read_victim, . - walk_read_victim

	.section .note.GNU-stack, "", @progbits
