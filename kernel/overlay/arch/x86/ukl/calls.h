/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: what the tables of the fast entries are made of.
 */
#ifndef _ARCH_X86_UKL_CALLS_H
#define _ARCH_X86_UKL_CALLS_H

#include <linux/syscalls.h>

#include <asm/syscall.h>

extern const sys_call_ptr_t ukl_fast_calls[NR_syscalls];
extern const sys_call_ptr_t ukl_shortcut_calls[NR_syscalls];

#define __SYSCALL(nr, sym) long __x64_##sym(const struct pt_regs *regs);
#define __SYSCALL_NORETURN __SYSCALL
#include <asm/syscalls_64.h>
#undef __SYSCALL

long ukl_full_call(const struct pt_regs *regs);

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

#endif /* _ARCH_X86_UKL_CALLS_H */
