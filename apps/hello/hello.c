// SPDX-License-Identifier: Apache-2.0
/*
 * Says where it runs. An ordinary program: "gcc -static -o hello hello.c"
 * builds it too.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#define CR4_SMEP (1UL << 20)
#define CR4_SMAP (1UL << 21)

/* The current privilege level: the low two bits of CS, which any ring may read. */
static unsigned int current_privilege_level(void)
{
	uint16_t cs;

	__asm__("mov %%cs, %0" : "=r"(cs));
	return cs & 3;
}

/* Reading CR4 is a privileged instruction: ring 0 only. */
static unsigned long read_cr4(void)
{
	unsigned long cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	return cr4;
}

int main(void)
{
	const char *level = getenv("UKL_LEVEL");
	unsigned int cpl = current_privilege_level();
	struct utsname kernel;

	if (uname(&kernel) != 0) {
		perror("hello: uname");
		return EXIT_FAILURE;
	}

	printf("CPL %u\n", cpl);
	if (cpl == 0) {
		unsigned long cr4 = read_cr4();

		printf("SMEP %s\n", cr4 & CR4_SMEP ? "on" : "off");
		printf("SMAP %s\n", cr4 & CR4_SMAP ? "on" : "off");
	}
	printf("kernel %s\n", kernel.release);
	printf("level %s\n", level ? level : "unknown");

	/* A full disk or a closed pipe shows only when the buffer is written. */
	if (fflush(stdout) != 0) {
		perror("hello: write");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
