// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unikernel Linux: what the architecture code does differently for a task that
 * runs at CPL 0. The short hooks are in <asm/ukl_task.h>.
 */
#include <linux/mm.h>
#include <linux/preempt.h>

#include <asm/debugreg.h>
#include <asm/ukl_pgtable.h>
#include <asm/ukl_task.h>

/**
 * ukl_start_thread - end of start_thread() for a UKL program
 * @regs: task_pt_regs(current), already set up for a user-mode start
 *
 * Context: exec, past the point of no return, preemptible.
 */
void ukl_start_thread(struct pt_regs *regs)
{
	unsigned long base;

	if (!ukl_task(current))
		return;

	ukl_fixup_segs(regs);

	/* What ukl_switch_to() keeps up from here on. */
	preempt_disable();
	base = cpu_kernelmode_gs_base(smp_processor_id());
	current->thread.gsbase = base;
	x86_gsbase_write_cpu_inactive(base);
	preempt_enable();
}

/**
 * ukl_dup_mmap - mark the address space of a forked UKL process
 * @oldmm: the parent's
 * @mm: the child's, a copy of it but for def_flags
 *
 * Context: fork, both locked for writing.
 */
void ukl_dup_mmap(const struct mm_struct *oldmm, struct mm_struct *mm)
{
	mm->def_flags |= oldmm->def_flags & VM_UKL;
}

/**
 * ukl_current_mm - is the current address space one of a UKL application?
 *
 * For headers in which ukl_task(current) cannot be written.
 *
 * Context: any; GUP-fast asks with interrupts off.
 */
bool ukl_current_mm(void)
{
	return ukl_task(current);
}

/**
 * ukl_debug_kernel - #DB on the paranoid path
 * @regs: the frame
 * @dr6: causes of the exception
 *
 * A debugger that steps through a call of ukl_syscall lands in the stub with TF
 * set. Drop it: the system call is one step, like the instruction, and the
 * debugger gets its trap from SYSCALL_WORK_SYSCALL_EXIT_TRAP. Where that has been
 * looked at, and no system call is made, TF stays until the stub has returned.
 *
 * Context: #DB on its IST stack.
 * Return: the causes that are left.
 */
noinstr unsigned long ukl_debug_kernel(struct pt_regs *regs, unsigned long dr6)
{
	if (!ukl_mode(regs) || !(dr6 & DR_STEP))
		return dr6;

	if (regs->ip < (unsigned long)ukl_no_such_call_return ||
	    regs->ip >= (unsigned long)ukl_no_such_call_end)
		regs->flags &= ~X86_EFLAGS_TF;
	return dr6 & ~DR_STEP;
}
