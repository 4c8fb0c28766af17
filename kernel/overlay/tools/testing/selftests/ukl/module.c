// SPDX-License-Identifier: GPL-2.0-only
/* A UKL process loads a module and removes it, as root may. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ukl_test.h"

/* drivers/net/dummy.c, which makes a network device when it is loaded. */
#define MODULE	"/lib/modules/dummy.ko"
#define DEVICE	"/sys/class/net/dummy0"

TEST(a_module_comes_and_goes)
{
	int fd = open(MODULE, O_RDONLY), i;

	if (fd < 0)
		SKIP("no " MODULE);
	for (i = 0; i < 3; i++) {
		REQUIRE(access(DEVICE, F_OK) == -1 && errno == ENOENT);
		REQUIRE(syscall(SYS_finit_module, fd, "", 0) == 0);
		REQUIRE(access(DEVICE, F_OK) == 0);
		REQUIRE(syscall(SYS_delete_module, "dummy", 0) == 0);
	}
	REQUIRE(access(DEVICE, F_OK) == -1 && errno == ENOENT);
}
