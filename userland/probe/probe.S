/* SPDX-License-Identifier: MIT */
/*
 * The first process of the guest that finds out whether an accelerator works:
 * says that it ran and restarts the machine, which ends QEMU (-no-reboot). Its
 * system calls are the plainest there are, so that it runs in either ring.
 */
#include <sys/syscall.h>
#include <linux/reboot.h>

	.globl	_start
_start:
	movl	$__NR_write, %eax
	movl	$1, %edi
	leaq	message(%rip), %rsi
	movl	$message_end - message, %edx
	syscall
	movl	$__NR_reboot, %eax
	movl	$LINUX_REBOOT_MAGIC1, %edi
	movl	$LINUX_REBOOT_MAGIC2, %esi
	movl	$LINUX_REBOOT_CMD_RESTART, %edx
	syscall
	ud2

	.section .rodata
message:
	.ascii	"the probe ran\n"
message_end:

	.section .note.GNU-stack, "", @progbits
