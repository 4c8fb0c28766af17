// SPDX-License-Identifier: Apache-2.0
/* OpenMP with the distribution's own libgomp: teams, reductions, tasks, exceptions inside of a region. */
#include <omp.h>

#include <stdexcept>
#include <string>

#include "check.h"

namespace {

/* Half of the work is another task's, down to the leaves. */
long fibonacci(int n)
{
	long a, b;

	if (n < 2)
		return n;
#pragma omp task shared(a)
	a = fibonacci(n - 1);
#pragma omp task shared(b)
	b = fibonacci(n - 2);
#pragma omp taskwait
	return a + b;
}

void test_teams()
{
	long sum = 0;
	int team = 0, inside = 0;

#pragma omp parallel num_threads(4) reduction(+ : sum)
	{
#pragma omp single
		team = omp_get_num_threads();
#pragma omp for schedule(dynamic, 10)
		for (int i = 0; i < 1000; i++)
			sum += i;
#pragma omp critical
		inside++;
	}
	CHECK("a team of four", team == 4 && inside == 4);
	CHECK("a loop is divided and its result reduced", sum == 499500);
}

void test_tasks()
{
	long result = 0;

#pragma omp parallel num_threads(4)
#pragma omp single
	result = fibonacci(15);
	CHECK("tasks wait for their tasks", result == 610);
}

void test_exceptions()
{
	int caught = 0;

#pragma omp parallel num_threads(4) reduction(+ : caught)
	{
		try {
			throw std::runtime_error(std::to_string(omp_get_thread_num()));
		} catch (const std::exception &error) {
			caught += std::stoi(error.what());
		}
	}
	CHECK("every thread throws and catches", caught == 0 + 1 + 2 + 3);
}

} // namespace

int main()
{
	test_teams();
	test_tasks();
	test_exceptions();
	return check_result();
}
