/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: the hook of the page-table accessors. Included by
 * <asm/pgtable.h>, where neither current nor struct mm_struct can be used.
 */
#ifndef _ASM_X86_UKL_PGTABLE_H
#define _ASM_X86_UKL_PGTABLE_H

#include <asm/pgtable_types.h>

#ifdef CONFIG_UKL
bool ukl_current_mm(void);
#else
static inline bool ukl_current_mm(void)
{
	return false;
}
#endif

/**
 * ukl_needed_user_bit - what must be set in an entry for GUP-fast to take it
 * @pteval: an entry of current->mm that maps a page below TASK_SIZE_MAX
 *
 * Return: _PAGE_USER, or 0 in the address space of a UKL application, where no
 * page has it and every page is the application's.
 */
static inline unsigned long ukl_needed_user_bit(unsigned long pteval)
{
	return (pteval & _PAGE_USER) || !ukl_current_mm() ? _PAGE_USER : 0;
}

#endif /* _ASM_X86_UKL_PGTABLE_H */
