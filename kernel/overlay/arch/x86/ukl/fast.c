// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unikernel Linux: the functions behind ukl_fast_syscall.
 */
#include <linux/build_bug.h>
#include <linux/entry-common.h>
#include <linux/sched.h>
#include <linux/syscalls.h>

#include <asm/syscall.h>
#include <asm/ukl_fast.h>

static_assert(offsetof(struct task_struct, thread_info.flags) == UKL_TI_FLAGS);
static_assert(offsetof(struct task_struct, thread_info.syscall_work) ==
	      UKL_TI_SYSCALL_WORK);
static_assert(!(EXIT_TO_USER_MODE_WORK & ~UKL_EXIT_WORK));

#define __SYSCALL(nr, sym) extern long __x64_##sym(const struct pt_regs *);
#define __SYSCALL_NORETURN __SYSCALL
#include <asm/syscalls_64.h>
#undef __SYSCALL

extern long ukl_full_call(const struct pt_regs *regs);

/*
 * Calls that change or copy the caller's frame, end the task, change what entry
 * and exit have to do, or write into the caller's red zone (sigaltstack, see
 * ukl_syscall).
 */
#define __x64_sys_rt_sigreturn	ukl_full_call
#define __x64_sys_clone		ukl_full_call
#define __x64_sys_clone3	ukl_full_call
#define __x64_sys_fork		ukl_full_call
#define __x64_sys_vfork		ukl_full_call
#define __x64_sys_execve	ukl_full_call
#define __x64_sys_execveat	ukl_full_call
#define __x64_sys_exit		ukl_full_call
#define __x64_sys_exit_group	ukl_full_call
#define __x64_sys_ptrace	ukl_full_call
#define __x64_sys_seccomp	ukl_full_call
#define __x64_sys_sigaltstack	ukl_full_call

#define __SYSCALL(nr, sym) [nr] = __x64_##sym,
const sys_call_ptr_t ukl_fast_calls[NR_syscalls] = {
#include <asm/syscalls_64.h>
};
