// SPDX-License-Identifier: Apache-2.0
/*
 * iperf3's command: its arguments and its tests are in libiperf, which Debian
 * ships as a static library; a main() is not in it. An ordinary program:
 * "cc -o iperf3 main.c -liperf -lsctp -lcrypto -lm" builds it.
 *
 *	iperf3 --server | --client HOST [OPTION...]		see iperf3(1)
 */

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <iperf_api.h>		/* uses stdint.h without including it */

/* What iperf_run_server() returns below -1: it cannot even listen. */
#define FATAL	(-2)

/* Of iperf_run_server(), too: nobody came for as long as --idle-timeout says. */
#define IDLE	2

/* One test after the other; an error of one of them is the client's, who may try again. */
static void serve(struct iperf_test *test)
{
	int result;

	do {
		result = iperf_run_server(test);
		if (result < 0)
			iperf_err(test, "error - %s", iperf_strerror(i_errno));
		if (result <= FATAL)
			exit(EXIT_FAILURE);
		iperf_reset_test(test);
	} while (!iperf_get_test_one_off(test) || result == IDLE);
}

int main(int argc, char **argv)
{
	struct iperf_test *test = iperf_new_test();

	if (!test || iperf_defaults(test) < 0)
		iperf_errexit(NULL, "cannot create a test - %s", iperf_strerror(i_errno));
	if (iperf_parse_arguments(test, argc, argv) < 0)
		iperf_errexit(test, "parameter error - %s", iperf_strerror(i_errno));

	/* A connection that the other side has closed is an error of write(2), not the end. */
	signal(SIGPIPE, SIG_IGN);
	if (iperf_get_test_role(test) == 's')
		serve(test);
	else if (iperf_run_client(test) < 0)
		iperf_errexit(test, "error - %s", iperf_strerror(i_errno));
	iperf_free_test(test);
	return EXIT_SUCCESS;
}
