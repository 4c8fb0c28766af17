/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: the fast entries, and what they look at in struct thread_info.
 */
#ifndef _ASM_X86_UKL_FAST_H
#define _ASM_X86_UKL_FAST_H

#include <asm/thread_info.h>

/* Offsets in struct task_struct, which begins with its thread_info. */
#define UKL_TI_FLAGS		0
#define UKL_TI_SYSCALL_WORK	8

/* Flags for which a system call has to take the full way out. */
#define UKL_EXIT_WORK							\
	(_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL | _TIF_NOTIFY_RESUME |	\
	 _TIF_NEED_RESCHED | _TIF_UPROBE | _TIF_PATCH_PENDING |		\
	 _TIF_USER_RETURN_NOTIFY | _TIF_IO_BITMAP | _TIF_NEED_FPU_LOAD)

#ifndef __ASSEMBLY__
/* A label, not a C function: as ukl_fast_syscall, with the calls of shortcut.c. */
extern void ukl_shortcut_syscall(void);
#endif

#endif /* _ASM_X86_UKL_FAST_H */
