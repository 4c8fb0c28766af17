/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: hooks for tasks whose code runs at CPL 0.
 *
 * Each is called from one place in the architecture code and compiles to
 * nothing, or to what stood there before, without CONFIG_UKL.
 */
#ifndef _ASM_X86_UKL_TASK_H
#define _ASM_X86_UKL_TASK_H

#include <linux/mm_types.h>
#include <linux/sched.h>

#include <asm/cpu_entry_area.h>
#include <asm/fsgsbase.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/ukl.h>
#include <asm/ukl_compat.h>

/* In asmlinkage terms these are labels, not C functions: arch/x86/ukl/syscall.S. */
extern void ukl_syscall(void);
extern void ukl_syscall_restart(void);
extern void ukl_fast_syscall(void);
extern void ukl_no_such_call_return(void);
extern void ukl_no_such_call_end(void);

/* The value of regs->r11 that marks a system call made through ukl_syscall. */
#define UKL_R11_CALLED	(~0UL)

/**
 * ukl_mm - does this address space belong to a UKL application?
 * @mm: the address space, or NULL for a kernel thread
 */
static __always_inline bool ukl_mm(const struct mm_struct *mm)
{
#ifdef CONFIG_UKL
	return mm && (mm->context.flags & UKL_MM_MASK);
#else
	return false;
#endif
}

/* True for tasks that return to CPL 0. Set at exec, inherited by fork and clone. */
static __always_inline bool ukl_task(const struct task_struct *task)
{
	return ukl_mm(task->mm);
}

/**
 * ukl_fixup_segs - make the frame of a UKL task return to CPL 0
 * @regs: task_pt_regs(current)
 *
 * For frames that were built with user selectors: by the SYSCALL instruction,
 * by exec, by signal delivery and by sigreturn. The decision rests on the task,
 * never on what user space can write into the frame.
 */
static __always_inline void ukl_fixup_segs(struct pt_regs *regs)
{
	if (ukl_task(current)) {
		regs->cs = __KERNEL_CS;
		regs->ss = __KERNEL_DS;
	}
}

/* The selectors that ptrace, core dumps and signal frames report for @regs. */
static __always_inline u16 ukl_reported_cs(const struct pt_regs *regs)
{
	return ukl_mode(regs) ? __USER_CS : regs->cs;
}

static __always_inline u16 ukl_reported_ss(const struct pt_regs *regs)
{
	return ukl_mode(regs) ? __USER_DS : regs->ss;
}

/**
 * ukl_mce_cs - the selector that tells the machine-check code whom it hit
 * @regs: frame of the #MC
 *
 * An error in the application's memory is the application's, as that of any
 * process, if the exception took the path that can send it a signal: see
 * UKL_JUMP_IF_FROM_APP. The stubs that run on its stack count as the kernel.
 */
static __always_inline u16 ukl_mce_cs(const struct pt_regs *regs)
{
	return ukl_mode(regs) && (long)regs->ip >= 0 ? __USER_CS : regs->cs;
}

/**
 * ukl_syscall_rewind - arrange for an interrupted system call to be made again
 * @regs: the caller's frame; RAX holds the number of the call to make
 *
 * A SYSCALL instruction is two bytes long and is executed again. A call of
 * ukl_syscall can have any encoding, so it is not the caller but the callee
 * that runs again, entered behind its pop of the return address.
 */
static __always_inline void ukl_syscall_rewind(struct pt_regs *regs)
{
	if (ukl_mode(regs) && regs->r11 == UKL_R11_CALLED) {
		regs->cx = regs->ip;
		regs->ip = (unsigned long)ukl_syscall_restart;
	} else {
		regs->ip -= 2;
	}
}

#ifdef CONFIG_UKL

/*
 * The inactive GS base of a UKL task equals the kernel's: SWAPGS changes nothing
 * for it, so a SYSCALL instruction executed at CPL 0 takes the ordinary entry.
 * Called by __switch_to() before the bases are loaded.
 */
static __always_inline void ukl_switch_to(struct task_struct *next, int cpu)
{
	if (ukl_task(next)) {
		next->thread.gsindex = 0;
		next->thread.gsbase = cpu_kernelmode_gs_base(cpu);
	}
}

/* More than an entry stub ever has on the UKL exception stack; a multiple of 16. */
#define UKL_IST_RESERVE	128

/**
 * ukl_ist_enter - keep the UKL exception stack for the frame that may be on it
 *
 * An NMI, #MC or #DB taken in kernel mode can have interrupted an entry stub
 * that has not yet moved its frame away. A page fault or breakpoint inside their
 * handlers must start below that frame. Whether there is one does not show in
 * the handler's own frame: they interrupt each other, too, before they get here.
 */
static __always_inline void ukl_ist_enter(void)
{
	this_cpu_sub(cpu_tss_rw.x86_tss.ist[IST_INDEX_UKL], UKL_IST_RESERVE);
}

static __always_inline void ukl_ist_exit(void)
{
	this_cpu_add(cpu_tss_rw.x86_tss.ist[IST_INDEX_UKL], UKL_IST_RESERVE);
}

bool ukl_wants_ist(void);
void ukl_start_thread(struct pt_regs *regs);
void ukl_dup_mmap(const struct mm_struct *oldmm, struct mm_struct *mm);
unsigned long ukl_debug_kernel(struct pt_regs *regs, unsigned long dr6);

#else /* !CONFIG_UKL */

static __always_inline void ukl_switch_to(struct task_struct *next, int cpu) { }
static __always_inline void ukl_ist_enter(void) { }
static __always_inline void ukl_ist_exit(void) { }
static __always_inline void ukl_start_thread(struct pt_regs *regs) { }
static __always_inline void ukl_dup_mmap(const struct mm_struct *oldmm,
					 struct mm_struct *mm) { }
static __always_inline unsigned long ukl_debug_kernel(struct pt_regs *regs,
						      unsigned long dr6)
{
	return dr6;
}

#endif /* CONFIG_UKL */
#endif /* _ASM_X86_UKL_TASK_H */
