// SPDX-License-Identifier: MIT
/* What runs in the guest to be counted, see src/bench: the usage below; or measured in time, see userland/timed. */
#include "bench.h"

#ifdef IN_TIME
#include "../timed/latency.h"

#define RATED_USAGE " | bench rated NAME REQUESTS REQUEST=NANOSECONDS,… PROGRAM [ARG …]"
#else
#define RATED_USAGE
#endif

#include <string.h>

int main(int argc, char **argv)
{
	print_maker();
	if (argc > 1 && !strcmp(argv[1], "micro"))
		return measure_operations(argv + 2);
	if (argc > 4 && !strcmp(argv[1], "server"))
		return measure_server(argv[2], argv[3], argv + 4);
#ifdef IN_TIME
	if (argc > 5 && !strcmp(argv[1], "rated")) {
		plan_latencies(argv[4]);
		return measure_server(argv[2], argv[3], argv + 5);
	}
#endif
	if (argc > 3 && !strcmp(argv[1], "first"))
		return measure_first_answer(argv[2], argv + 3);
	fail("usage: bench micro [OPERATION …] | bench server NAME REQUESTS PROGRAM [ARG …] | bench first NAME PROGRAM [ARG …]" RATED_USAGE);
}
