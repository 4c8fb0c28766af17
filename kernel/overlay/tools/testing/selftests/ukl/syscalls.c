// SPDX-License-Identifier: GPL-2.0-only
/* System calls by the call entry and by the SYSCALL instruction. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ukl_test.h"

#define AT_UKL		0x554b4c
#define KERNEL_ADDRESS	((void *)0xffffffff81000000UL)

struct ukl_vector {
	uint32_t version;
	uint32_t size;
	void (*syscall)(void);
	void (*fast_syscall)(void);
};

static const struct ukl_vector *find_vector(void)
{
	return (const struct ukl_vector *)getauxval(AT_UKL);
}

TEST(the_vector_is_offered_at_cpl_0_only)
{
	const struct ukl_vector *vector = find_vector();

	REQUIRE(!!vector == (current_cpl() == 0));
	if (vector) {
		REQUIRE(vector->version == 1);
		REQUIRE(vector->size >= sizeof(*vector));
		REQUIRE((long)vector->syscall < 0);
	}
}

TEST(results_and_errors)
{
	REQUIRE(getpid() == syscall(SYS_getpid));
	REQUIRE(getpid() == syscall_by_instruction(SYS_getpid, 0, 0, 0));
	REQUIRE(syscall(SYS_close, -1) == -1 && errno == EBADF);
	REQUIRE(syscall_by_instruction(SYS_close, -1, 0, 0) == -EBADF);
	REQUIRE(syscall(9999) == -1 && errno == ENOSYS);
	REQUIRE(syscall(-1) == -1 && errno == ENOSYS);
}

TEST(six_arguments_arrive)
{
	int fd = memfd_create("six", 0);
	char *page;

	REQUIRE(fd >= 0);
	REQUIRE(ftruncate(fd, 2 * 4096) == 0);
	REQUIRE(pwrite(fd, "second", 6, 4096) == 6);
	page = mmap((void *)0x700000000000, 4096, PROT_READ,
		    MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 4096);
	REQUIRE(page == (char *)0x700000000000);
	REQUIRE(!memcmp(page, "second", 6));
}

TEST(the_call_entry_preserves_registers)
{
	const struct ukl_vector *vector = find_vector();
	const struct call_regs before = {
		SYS_getpid, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26,
	};
	struct call_regs after = before;

	if (!vector)
		SKIP("no vector");
	call_with_regs(&after, vector->syscall);
	REQUIRE(after.rax == getpid());
	after.rax = before.rax;
	REQUIRE(!memcmp(&before, &after, sizeof(before)));
}

TEST(a_kernel_pointer_is_efault)
{
	struct iovec iov = { KERNEL_ADDRESS, 8 };
	struct stat st;
	int fd = open("/dev/zero", O_RDWR);

	REQUIRE(fd >= 0);
	REQUIRE(read(fd, KERNEL_ADDRESS, 8) == -1 && errno == EFAULT);
	REQUIRE(readv(fd, &iov, 1) == -1 && errno == EFAULT);
	REQUIRE(open(KERNEL_ADDRESS, O_RDONLY) == -1 && errno == EFAULT);
	REQUIRE(syscall_by_instruction(SYS_read, fd, (long)KERNEL_ADDRESS, 8) == -EFAULT);
	REQUIRE(syscall(SYS_stat, "/", KERNEL_ADDRESS) == -1 && errno == EFAULT);
	REQUIRE(stat("/", &st) == 0);
}

/* Both ways in, in alternation, many times: the GS base must survive. */
TEST(instruction_and_call_alternate)
{
	pid_t pid = getpid();
	int i;

	for (i = 0; i < 20000; i++) {
		REQUIRE(syscall(SYS_getpid) == pid);
		REQUIRE(syscall_by_instruction(SYS_getpid, 0, 0, 0) == pid);
		if (i % 100 == 0)
			syscall(SYS_sched_yield);
	}
}
