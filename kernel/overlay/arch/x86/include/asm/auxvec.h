/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: room for one more entry in ARCH_DLINFO. The header for user
 * space stays as it is, and without CONFIG_UKL so does struct mm_struct.
 */
#ifndef _ASM_X86_UKL_AUXVEC_H
#define _ASM_X86_UKL_AUXVEC_H

#include <uapi/asm/auxvec.h>

#ifdef CONFIG_UKL
#undef AT_VECTOR_SIZE_ARCH
#ifdef CONFIG_IA32_EMULATION
#define AT_VECTOR_SIZE_ARCH	4
#else
#define AT_VECTOR_SIZE_ARCH	3
#endif
#endif /* CONFIG_UKL */

#endif /* _ASM_X86_UKL_AUXVEC_H */
