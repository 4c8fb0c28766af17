// SPDX-License-Identifier: MIT
/*
 * A hello program that says when it began: under QEMU's -icount shift=0 the processor's clock counts the instructions
 * since the machine was switched on.
 */
#include <gnu/libc-version.h>
#include <stdio.h>

/* What shows whether the counting is right. */
#define KNOWN_EFFECT 1000

static inline unsigned long read_counter(void)
{
	unsigned int low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return ((unsigned long)high << 32) | low;
}

int main(void)
{
	unsigned long begin = read_counter();

	asm volatile(".rept %c0\n\tnop\n\t.endr" ::"i"(KNOWN_EFFECT));

	unsigned long after_nops = read_counter();

	printf("built by gcc %s, glibc %s\n", __VERSION__, gnu_get_libc_version());
	printf("boot main %lu\nboot after_nops %lu\n", begin, after_nops);
	return 0;
}
