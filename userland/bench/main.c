// SPDX-License-Identifier: MIT
/* What runs in the guest to be counted, see src/bench: the usage below. */
#include "bench.h"

#include <string.h>

int main(int argc, char **argv)
{
	print_maker();
	if (argc > 1 && !strcmp(argv[1], "micro"))
		return measure_operations(argv + 2);
	if (argc > 4 && !strcmp(argv[1], "server"))
		return measure_server(argv[2], argv[3], argv + 4);
	if (argc > 3 && !strcmp(argv[1], "first"))
		return measure_first_answer(argv[2], argv + 3);
	fail("usage: bench micro [OPERATION …] | bench server NAME REQUESTS PROGRAM [ARG …] | bench first NAME PROGRAM [ARG …]");
}
