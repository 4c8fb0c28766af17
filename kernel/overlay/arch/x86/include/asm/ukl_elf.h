/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: hooks of the ELF loader. Included by <asm/elf.h>.
 */
#ifndef _ASM_X86_UKL_ELF_H
#define _ASM_X86_UKL_ELF_H

#ifdef CONFIG_UKL

#include <linux/types.h>

struct file;

/* What the program headers said, from arch_elf_pt_proc() to SET_PERSONALITY2(). */
struct arch_elf_state {
	bool ukl;
};

#define INIT_ARCH_ELF_STATE { .ukl = false }

/* The headers are void: the native and the compat loader pass different types. */
int arch_elf_pt_proc(const void *ehdr, const void *phdr, struct file *file,
		     bool is_interp, struct arch_elf_state *state);

static inline int arch_check_elf(const void *ehdr, bool has_interp,
				 const void *interp_ehdr,
				 struct arch_elf_state *state)
{
	return 0;
}

void ukl_set_personality(const struct arch_elf_state *state);

#define SET_PERSONALITY2(ex, state)		\
do {						\
	SET_PERSONALITY(ex);			\
	ukl_set_personality(state);		\
} while (0)

/*
 * auxv entry of a UKL process: address of the read-only struct ukl_vector,
 * through which a program reaches the kernel whatever address it is loaded at.
 */
#define AT_UKL	0x554b4c

unsigned long ukl_auxv(void);

#define UKL_DLINFO							\
do {									\
	unsigned long vector = ukl_auxv();				\
									\
	if (vector)							\
		NEW_AUX_ENT(AT_UKL, vector);				\
} while (0)

#else /* !CONFIG_UKL */

#define UKL_DLINFO do { } while (0)

#endif /* CONFIG_UKL */
#endif /* _ASM_X86_UKL_ELF_H */
