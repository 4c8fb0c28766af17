// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unikernel Linux: the functions behind ukl_fast_syscall.
 */
#include <linux/build_bug.h>
#include <linux/entry-common.h>
#include <linux/sched.h>

#include <asm/ukl_fast.h>

#include "calls.h"

static_assert(offsetof(struct task_struct, thread_info.flags) == UKL_TI_FLAGS);
static_assert(offsetof(struct task_struct, thread_info.syscall_work) ==
	      UKL_TI_SYSCALL_WORK);
static_assert(!(EXIT_TO_USER_MODE_WORK & ~UKL_EXIT_WORK));

#define __SYSCALL(nr, sym) [nr] = __x64_##sym,
const sys_call_ptr_t ukl_fast_calls[NR_syscalls] = {
#include <asm/syscalls_64.h>
};
