/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: which mode a saved frame belongs to.
 *
 * A UKL application is an ordinary process whose code runs at CPL 0. Three
 * modes result: user mode (CPL 3), application mode (CPL 0 with the stack
 * pointer in the user half of the address space) and kernel mode (CPL 0 with
 * the stack pointer in the kernel half). The frame alone tells them apart;
 * there is no flag that entry and exit code would have to keep in step with it.
 *
 * This works because kernel C code never runs on an application stack. The
 * exceptions are a handful of instructions in the entry and exit stubs, on
 * either side of the stack switch; they count as application mode here.
 *
 * Included by <asm/ptrace.h> behind the definition of struct pt_regs.
 */
#ifndef _ASM_X86_UKL_H
#define _ASM_X86_UKL_H

#include <asm/segment.h>

/**
 * ukl_mode - was the frame saved in application mode?
 * @regs: the frame
 *
 * In code that NMI, #MC or #DB can reach this is also true for the first
 * instructions of entry_SYSCALL_64 on behalf of a ring-3 task, which run at
 * CPL 0 on the user's stack: see ip_within_syscall_gap().
 */
static __always_inline bool ukl_mode(const struct pt_regs *regs)
{
	return IS_ENABLED(CONFIG_UKL) &&
	       regs->cs == __KERNEL_CS && (long)regs->sp >= 0;
}

#endif /* _ASM_X86_UKL_H */
