// SPDX-License-Identifier: MIT
/* What runs in the guest to be measured in time: the program of userland/bench with a clock for its counter. */
#include "../bench/bench.h"
#include "latency.h"

#include <string.h>

int main(int argc, char **argv)
{
	print_maker();
	if (argc > 1 && !strcmp(argv[1], "micro"))
		return measure_operations(argv + 2);
	if (argc > 4 && !strcmp(argv[1], "server"))
		return measure_server(argv[2], argv[3], argv + 4);
	if (argc > 5 && !strcmp(argv[1], "rated")) {
		plan_latencies(argv[4]);
		return measure_server(argv[2], argv[3], argv + 5);
	}
	fail("usage: timed micro [OPERATION …] | timed server NAME REQUESTS PROGRAM [ARG …] | "
	     "timed rated NAME REQUESTS REQUEST=NANOSECONDS,… PROGRAM [ARG …]");
}
