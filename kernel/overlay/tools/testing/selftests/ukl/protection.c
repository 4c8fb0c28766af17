// SPDX-License-Identifier: GPL-2.0-only
/* Who may touch a page: mprotect, protection keys, userfaultfd, soft-dirty. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

TEST(page_table_entries_show_the_level)
{
	if (!can_read_user_bits())
		SKIP("no CONFIG_PTDUMP_DEBUGFS");
	REQUIRE(read_user_bits() == current_cpl());
}

static sigjmp_buf after_fault;

static void escape(int sig)
{
	siglongjmp(after_fault, 1);
}

static bool can_read(const char *page)
{
	if (sigsetjmp(after_fault, 1))
		return false;
	*(volatile const char *)page;
	return true;
}

static bool can_write(char *page)
{
	if (sigsetjmp(after_fault, 1))
		return false;
	*(volatile char *)page = *page;
	return true;
}

static bool can_execute(const char *page)
{
	if (sigsetjmp(after_fault, 1))
		return false;
	return call_code(page) == 1;
}

static void catch_faults(void)
{
	const struct sigaction sa = { .sa_handler = escape };

	REQUIRE(sigaction(SIGSEGV, &sa, NULL) == 0);
}

/* In a part of a mapping, so that mappings are split and joined. */
TEST(every_protection_can_follow_every_other)
{
	static const int protections[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};
	char *memory = map_memory(9 * SMALL_PAGE), *page = memory + 4 * SMALL_PAGE;
	const int all = PROT_READ | PROT_WRITE | PROT_EXEC;
	size_t from, to;

	catch_faults();
	write_code(page, 1);
	for (from = 0; from < ARRAY_SIZE(protections); from++) {
		for (to = 0; to < ARRAY_SIZE(protections); to++) {
			const int wanted = protections[to];

			REQUIRE(mprotect(memory, 9 * SMALL_PAGE, all) == 0);
			write_code(page, 1);
			REQUIRE(mprotect(page - SMALL_PAGE, 3 * SMALL_PAGE,
					 protections[from]) == 0);
			REQUIRE(can_read(page) == !!(protections[from] & PROT_READ));
			REQUIRE(mprotect(page, SMALL_PAGE, wanted) == 0);
			REQUIRE(can_read(page) == !!(wanted & PROT_READ));
			REQUIRE(can_write(page) == !!(wanted & PROT_WRITE));
			REQUIRE(can_execute(page) == !!(wanted & PROT_EXEC));
			REQUIRE_USER_BITS();
		}
	}
}

/* They are for user pages: a supervisor page is accessible whatever PKRU says. */
TEST(protection_keys_bind_ring_3_only)
{
	char *page = map_memory(SMALL_PAGE);
	int key;

	*page = 1;
	key = pkey_alloc(0, PKEY_DISABLE_ACCESS);
	if (key < 0)
		SKIP("no protection keys");
	catch_faults();
	REQUIRE(pkey_mprotect(page, SMALL_PAGE, PROT_READ | PROT_WRITE, key) == 0);
	REQUIRE(can_read(page) == (current_cpl() == 0));
	REQUIRE(can_write(page) == (current_cpl() == 0));
	REQUIRE_USER_BITS();
	/* In a page fault the kernel compares, at either level. */
	REQUIRE(madvise(page, SMALL_PAGE, MADV_DONTNEED) == 0);
	REQUIRE(!can_read(page));
	REQUIRE(pkey_set(key, 0) == 0);
	REQUIRE(can_read(page));
	REQUIRE(pkey_free(key) == 0);
}

#define WATCHED_PAGES	16UL

struct watcher {
	int fd;
	char *memory;
	int missing, protected;
};

/* Answer page faults: with a copy, write-protected, and by lifting the protection. */
static void *answer_faults(void *arg)
{
	struct watcher *watcher = arg;
	static char contents[4096];
	struct uffd_msg message;

	while (read(watcher->fd, &message, sizeof(message)) == sizeof(message)) {
		const uint64_t page = message.arg.pagefault.address & ~(SMALL_PAGE - 1);

		if (message.event != UFFD_EVENT_PAGEFAULT)
			return "another event";
		if (message.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP) {
			struct uffdio_writeprotect lift = {
				.range = { page, SMALL_PAGE },
			};

			watcher->protected++;
			if (ioctl(watcher->fd, UFFDIO_WRITEPROTECT, &lift))
				return "UFFDIO_WRITEPROTECT failed";
		} else {
			struct uffdio_copy copy = {
				.dst = page, .src = (uintptr_t)contents,
				.len = SMALL_PAGE, .mode = UFFDIO_COPY_MODE_WP,
			};

			memset(contents, 'a' + watcher->missing++, SMALL_PAGE);
			if (ioctl(watcher->fd, UFFDIO_COPY, &copy))
				return "UFFDIO_COPY failed";
		}
		if (watcher->protected == WATCHED_PAGES)
			return NULL;
	}
	return "no event";
}

TEST(userfaultfd_fills_and_write_protects)
{
	struct uffdio_api api = {
		.api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};
	struct watcher watcher = { .memory = map_memory(WATCHED_PAGES * SMALL_PAGE) };
	struct uffdio_register area = {
		.range = { (uintptr_t)watcher.memory, WATCHED_PAGES * SMALL_PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};
	int i, zero = open("/dev/zero", O_RDONLY);
	pthread_t thread;
	void *complaint;

	watcher.fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (watcher.fd < 0 && errno == ENOSYS)
		SKIP("no CONFIG_USERFAULTFD");
	REQUIRE(watcher.fd >= 0 && zero >= 0);
	REQUIRE(ioctl(watcher.fd, UFFDIO_API, &api) == 0);
	REQUIRE(ioctl(watcher.fd, UFFDIO_REGISTER, &area) == 0);
	REQUIRE(pthread_create(&thread, NULL, answer_faults, &watcher) == 0);
	for (i = 0; i < (int)WATCHED_PAGES; i++) {
		char *page = watcher.memory + i * SMALL_PAGE;

		REQUIRE(*(volatile char *)page == 'a' + i);
		/* Every other write is the kernel's. */
		if (i % 2)
			REQUIRE(read(zero, page, 1) == 1);
		else
			*(volatile char *)page = 0;
		REQUIRE(page[0] == 0 && page[1] == 'a' + i);
	}
	REQUIRE(pthread_join(thread, &complaint) == 0);
	REQUIRE(!complaint);
	REQUIRE(watcher.missing == WATCHED_PAGES);
	REQUIRE_USER_BITS();
}

TEST(soft_dirty_tells_which_page_was_written)
{
	const size_t pages = 16;
	char *memory = map_memory(pages * SMALL_PAGE);
	size_t i, written;

	for (written = 0; written < pages; written++) {
		fill(memory, pages * SMALL_PAGE, written);
		if (written == 0 && !(pagemap(memory) & PAGEMAP_SOFT_DIRTY))
			SKIP("no CONFIG_MEM_SOFT_DIRTY");
		REQUIRE(write_file("/proc/self/clear_refs", "4"));
		*(volatile char *)(memory + written * SMALL_PAGE + 64) = 1;
		for (i = 0; i < pages; i++)
			REQUIRE(!!(pagemap(memory + i * SMALL_PAGE) & PAGEMAP_SOFT_DIRTY) ==
				(i == written));
		REQUIRE(is_filled(memory, pages * SMALL_PAGE, written));
	}
	REQUIRE_USER_BITS();
}
