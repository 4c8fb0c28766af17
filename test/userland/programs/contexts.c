// SPDX-License-Identifier: Apache-2.0
/* Jumps and coroutines: what changes the stack pointer without the kernel's knowledge, or with it. */
#include <setjmp.h>
#include <stdlib.h>
#include <ucontext.h>

#include "check.h"

static jmp_buf target;

static void jump_from_depth(int depth)
{
	volatile char frame[256];

	frame[0] = 1;
	if (depth == 0)
		longjmp(target, 17);
	jump_from_depth(depth - 1);
	frame[0] = 2;
}

static ucontext_t main_context, coroutine_context;
static int trace;

static void coroutine(int first, int second)
{
	for (int i = 0; i < 1000; i++) {
		trace += first;
		swapcontext(&coroutine_context, &main_context);
		trace += second;
	}
}

int main(void)
{
	static char stack[65536];
	int value = setjmp(target);
	double kept = 1.5;

	if (value == 0)
		jump_from_depth(100);
	CHECK("longjmp unwinds a hundred frames", value == 17);

	getcontext(&coroutine_context);
	coroutine_context.uc_stack.ss_sp = stack;
	coroutine_context.uc_stack.ss_size = sizeof(stack);
	coroutine_context.uc_link = &main_context;
	makecontext(&coroutine_context, (void (*)(void))coroutine, 2, 1, 10);
	for (int i = 0; i < 1001; i++)
		swapcontext(&main_context, &coroutine_context);
	CHECK("a coroutine switches a thousand times and ends in uc_link", trace == 11000);
	CHECK("floating point survives the switches", kept * 2 == 3.0);
	return check_result();
}
