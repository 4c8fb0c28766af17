/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: the differences between the kernels that the overlay is
 * built in. The rest of it is written for the newest of them.
 *
 * What decides is whether a name is there, not a version number: distributions
 * and stable kernels backport.
 */
#ifndef _ASM_X86_UKL_COMPAT_H
#define _ASM_X86_UKL_COMPAT_H

#ifdef __ASSEMBLY__

#include <asm/asm-offsets.h>
#include <asm/percpu.h>
#include <asm/unwind_hints.h>

/* The current task and the top of its stack, which moved into pcpu_hot in 6.2. */
#ifdef X86_top_of_stack
# define UKL_TOP_OF_STACK	PER_CPU_VAR(pcpu_hot + X86_top_of_stack)
# define UKL_CURRENT_TASK	PER_CPU_VAR(pcpu_hot + X86_current_task)
#else
# define UKL_TOP_OF_STACK	PER_CPU_VAR(cpu_current_top_of_stack)
# define UKL_CURRENT_TASK	PER_CPU_VAR(current_task)
#endif

/* The name since 6.4. */
#ifndef UNWIND_HINT_TYPE_END_OF_STACK
.macro UNWIND_HINT_END_OF_STACK
	UNWIND_HINT_EMPTY
.endm
#endif

#else /* !__ASSEMBLY__ */

#include <linux/mm_types.h>

#include <asm/cpufeatures.h>

/* With address masking, in 6.4, mm->context.flags went from masks to bit numbers. */
#ifdef MM_CONTEXT_LOCK_LAM
# define UKL_MM_MASK		BIT(MM_CONTEXT_UKL)
# define ukl_set_mm_flag(mm)	set_bit(MM_CONTEXT_UKL, &(mm)->context.flags)
#else
# define UKL_MM_MASK		MM_CONTEXT_UKL
# define ukl_set_mm_flag(mm)	((mm)->context.flags |= MM_CONTEXT_UKL)
#endif

/* Kernels before 6.9 never use FRED. */
#ifdef X86_FEATURE_FRED
# define ukl_fred_is_on()	boot_cpu_has(X86_FEATURE_FRED)
#else
# define ukl_fred_is_on()	false
#endif

#endif /* __ASSEMBLY__ */
#endif /* _ASM_X86_UKL_COMPAT_H */
