// SPDX-License-Identifier: GPL-2.0-only
/* Which mode the program runs in, and what protects the kernel from it. */
#define _GNU_SOURCE
#include <string.h>

#include "ukl_test.h"

#define X86_CR4_SMEP	(1UL << 20)
#define X86_CR4_SMAP	(1UL << 21)

/* UKL_LEVEL is what /init started us as; a plain shell sets none. */
TEST(cpl_is_that_of_the_level)
{
	const char *level = getenv("UKL_LEVEL");

	if (!level)
		SKIP("UKL_LEVEL is not set");
	REQUIRE(current_cpl() == (strcmp(level, "linux") ? 0 : 3));
}

static bool cpu_has(const char *flag)
{
	char line[4096], *word;
	FILE *cpuinfo = fopen("/proc/cpuinfo", "r");

	REQUIRE(cpuinfo);
	while (fgets(line, sizeof(line), cpuinfo)) {
		if (strncmp(line, "flags", 5))
			continue;
		for (word = strtok(line, " \t\n"); word; word = strtok(NULL, " \t\n"))
			if (!strcmp(word, flag))
				break;
		fclose(cpuinfo);
		return word;
	}
	fclose(cpuinfo);
	return false;
}

TEST(smep_and_smap_are_on)
{
	unsigned long cr4;

	if (current_cpl() != 0)
		SKIP("CR4 can be read at CPL 0 only");
	asm volatile("movq %%cr4, %0" : "=r"(cr4));
	REQUIRE(!!(cr4 & X86_CR4_SMEP) == cpu_has("smep"));
	REQUIRE(!!(cr4 & X86_CR4_SMAP) == cpu_has("smap"));
}
