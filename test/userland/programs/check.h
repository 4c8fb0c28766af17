/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest of test frameworks: a line for every check on standard output,
 * and an exit status that says whether all of them held. The programs run in
 * ring 3 on the host and in ring 0 in a guest, so they need no files but those
 * of /proc and the four in /etc that every image has.
 */

#ifndef CHECK_H
#define CHECK_H

#ifdef __cplusplus
#include <cstdio>
#include <cstring>
#else
#include <stdio.h>
#include <string.h>
#endif
#include <errno.h>

static int checks_done;
static int checks_failed;

/* Reports one fact; the text says it as it should be. */
#define CHECK(text, condition) check_fact((text), (condition) ? 1 : 0, __FILE__, __LINE__)

static inline void check_fact(const char *text, int holds, const char *file, int line)
{
	int reason = errno;

	checks_done++;
	if (holds) {
		printf("ok %s\n", text);
	} else {
		checks_failed++;
		printf("FAILED %s (%s:%d, errno %s)\n", text, file, line, strerror(reason));
	}
	fflush(stdout);
	errno = 0;
}

/* The last thing main() does: return check_result(). */
static inline int check_result(void)
{
	unsigned short selector;

	__asm__("mov %%cs, %0" : "=r"(selector));
	printf("%d checks, %d failed at CPL %d\n", checks_done, checks_failed, selector & 3);
	return checks_failed != 0;
}

#endif
