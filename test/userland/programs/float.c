// SPDX-License-Identifier: Apache-2.0
/* Floating point: results, environment, and that system calls and threads leave it alone. */
#define _GNU_SOURCE
#include <complex.h>
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

#include "check.h"

static int near(double a, double b)
{
	return fabs(a - b) <= 1e-15 * fabs(b);
}

static volatile double one = 1.0, three = 3.0, minus_one = -1.0, zero;

static void test_results(void)
{
	CHECK("sine", near(sin(one), 0.8414709848078965));
	CHECK("logarithm and exponential", near(exp(log(three)), 3.0));
	CHECK("power", pow(three, 40) == 12157665459056928801.0);
	CHECK("square root", sqrt(three * three) == 3.0);
	CHECK("long double", fabsl(expl(1.0L) - 2.718281828459045235360287L) < 1e-18L);
	CHECK("complex", near(creal(csqrt(minus_one + 0 * I)), 0) && near(cimag(csqrt(minus_one + 0 * I)), 1.0));
	CHECK("128-bit integers", (unsigned long)((((__uint128_t)1 << 100) + 7) / 1000003 % 1000) == 89);
	CHECK("not a number", isnan(sqrt(minus_one)) && isinf(one / zero));
}

static void test_environment(void)
{
	double up, down;

	fesetround(FE_UPWARD);
	up = one / three;
	getpid();
	CHECK("the rounding mode survives a system call", fegetround() == FE_UPWARD);
	fesetround(FE_DOWNWARD);
	down = one / three;
	fesetround(FE_TONEAREST);
	CHECK("the rounding mode matters", up > down);
	feclearexcept(FE_ALL_EXCEPT);
	zero = one / zero;
	zero = 0;
	CHECK("exceptions are flagged", fetestexcept(FE_DIVBYZERO));
}

static void *iterate(void *argument)
{
	double x = (double)(intptr_t)argument / 16.0;

	for (int i = 0; i < 20000; i++) {
		x = 3.7 * x * (1 - x);
		if (i % 1000 == 0)
			sched_yield();
	}
	return (void *)(intptr_t)(x * 1e15);
}

static void test_threads(void)
{
	pthread_t threads[8];
	int good = 0;

	for (intptr_t i = 1; i <= 8; i++)
		pthread_create(&threads[i - 1], NULL, iterate, (void *)i);
	for (intptr_t i = 1; i <= 8; i++) {
		void *result;

		pthread_join(threads[i - 1], &result);
		good += result == iterate((void *)i);
	}
	CHECK("eight threads compute the same as one", good == 8);
}

int main(void)
{
	test_results();
	test_environment();
	test_threads();
	return check_result();
}
