// SPDX-License-Identifier: Apache-2.0
/* A module in C: with a constructor, a destructor, thread-local data, and a function of the program's. */
#include <math.h>
#include <stdio.h>

int host_add(int a, int b);

int version = 2;
_Thread_local int step = 1;
static int started;

__attribute__((constructor)) static void begin(void)
{
	printf("plain begins\n");
	started = 1;
}

__attribute__((destructor)) static void end(void)
{
	printf("plain ends\n");
}

__attribute__((visibility("hidden"))) int internal(void)
{
	return started;
}

int answer(int n)
{
	return host_add(n, internal() + step + (int)floor(cos(n * 0.0) - 1));
}
