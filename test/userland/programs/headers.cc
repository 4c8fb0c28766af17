// SPDX-License-Identifier: Apache-2.0
/* <ukl/kernel.h> and <ukl/level.h> from C++, in either ring. */
#include <sys/socket.h>
#include <ukl/kernel.h>
#include <ukl/level.h>

#include "check.h"

int main()
{
	const ukl_kernel kernel = ukl_find_kernel();
	int ends[2];
	char byte = 0;

	CHECK("a pair of sockets can be made", socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	CHECK("a byte is sent", ukl_send(kernel, ends[0], "x", 1, 0) == 1);
	CHECK("and received", ukl_receive(kernel, ends[1], &byte, 1, 0) == 1 && byte == 'x');

	const int ret = ukl_set_level(UKL_SHORTCUT);
	unsigned short selector;

	__asm__("mov %%cs, %0" : "=r"(selector));
	CHECK("the level can be set in ring 0 alone", ret == (selector & 3 ? -1 : 0));
	return check_result();
}
