// SPDX-License-Identifier: GPL-2.0-only
/*
 * What calls on a TCP connection do that cannot do their work: they wait, are
 * interrupted, made again, refused, as they are for any process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connection.h"
#include "ukl_test.h"

#define PAGE_BYTES	4096
#define KERNEL_ADDRESS	((char *)0xffffffff81000000UL)

TEST(nothing_to_read_is_no_reason_to_wait_for_who_does_not)
{
	struct connection ends = open_connection(AF_INET);
	static char buffer[1 << 16];
	char byte;

	REQUIRE(recv(ends.here, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	REQUIRE(fcntl(ends.here, F_SETFL, O_NONBLOCK) == 0);
	REQUIRE(read(ends.here, &byte, 1) == -1 && errno == EAGAIN);
	REQUIRE(recv(ends.here, &byte, 1, 0) == -1 && errno == EAGAIN);
	while (write(ends.here, buffer, sizeof(buffer)) > 0)
		;
	REQUIRE(errno == EAGAIN);
	REQUIRE(send(ends.here, buffer, sizeof(buffer), 0) == -1 && errno == EAGAIN);
	/* Neither is the other end's business. */
	REQUIRE(send(ends.there, "x", 1, 0) == 1);
	await_bytes(ends.here, 1);
	REQUIRE(read(ends.here, &byte, 1) == 1 && byte == 'x');
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	signals++;
}

static void on_signal(int number, int flags)
{
	const struct sigaction action = { .sa_handler = count_signal, .sa_flags = flags };

	REQUIRE(sigaction(number, &action, NULL) == 0);
}

struct interruption {
	int fd;
	pthread_t thread;
	pid_t tid;
};

/* Interrupt the reader while it waits; then, if it still does, let it have something. */
static void *interrupt_reader(void *argument)
{
	const struct interruption *it = argument;

	await_sleep(it->tid);
	REQUIRE(pthread_kill(it->thread, SIGUSR1) == 0);
	while (!signals)
		sched_yield();
	if (it->fd >= 0) {
		await_sleep(it->tid);
		send_text(it->fd, "x");
	}
	return NULL;
}

static ssize_t read_interrupted(struct connection ends, bool by_recv, int flags)
{
	struct interruption it = {
		(flags & SA_RESTART) ? ends.there : -1, pthread_self(), gettid(),
	};
	pthread_t other;
	ssize_t result;
	char byte;
	int error;

	signals = 0;
	on_signal(SIGUSR1, flags);
	REQUIRE(pthread_create(&other, NULL, interrupt_reader, &it) == 0);
	result = by_recv ? recv(ends.here, &byte, 1, 0) : read(ends.here, &byte, 1);
	error = errno;
	REQUIRE(pthread_join(other, NULL) == 0);
	REQUIRE(signals == 1);
	errno = error;
	return result;
}

TEST(waiting_for_a_connection_is_interrupted_or_goes_on)
{
	struct connection ends = open_connection(AF_INET);
	int by_recv;

	for (by_recv = 0; by_recv < 2; by_recv++) {
		REQUIRE(read_interrupted(ends, by_recv, 0) == -1 && errno == EINTR);
		REQUIRE(read_interrupted(ends, by_recv, SA_RESTART) == 1);
	}
}

TEST(writing_to_a_connection_without_another_end_is_a_signal)
{
	struct connection ends = open_connection(AF_INET);
	struct iovec part = { "x", 1 };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	char byte;

	on_signal(SIGPIPE, 0);
	REQUIRE(close(ends.there) == 0);
	REQUIRE(read(ends.here, &byte, 1) == 0);
	/* The answer to the first one says that nobody is there. */
	REQUIRE(write(ends.here, "x", 1) == 1);
	REQUIRE(send(ends.here, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	REQUIRE(sendmsg(ends.here, &message, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	REQUIRE(signals == 0);
	REQUIRE(send(ends.here, "x", 1, 0) == -1 && errno == EPIPE && signals == 1);
	REQUIRE(write(ends.here, "x", 1) == -1 && errno == EPIPE && signals == 2);
	REQUIRE(writev(ends.here, &part, 1) == -1 && errno == EPIPE && signals == 3);
	REQUIRE(sendmsg(ends.here, &message, 0) == -1 && errno == EPIPE && signals == 4);
}

/* A page that can be used, with one behind it that cannot. */
static char *map_half(void)
{
	char *pages = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(pages != MAP_FAILED);
	REQUIRE(mprotect(pages + PAGE_BYTES, PAGE_BYTES, PROT_NONE) == 0);
	return pages;
}

TEST(bad_buffers_are_refused_and_nothing_is_lost)
{
	struct connection ends = open_connection(AF_INET);
	char *half = map_half() + PAGE_BYTES - 4, buffer[16];
	struct iovec part = { KERNEL_ADDRESS, 8 }, halves[] = { { half, 16 }, { buffer, 16 } };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	send_text(ends.there, "01234567");
	await_bytes(ends.here, 8);
	REQUIRE(readv(ends.here, &part, 1) == -1 && errno == EFAULT);
	REQUIRE(readv(ends.here, halves, 2) == -1 && errno == EFAULT);
	REQUIRE(readv(ends.here, (void *)KERNEL_ADDRESS, 1) == -1 && errno == EFAULT);
	REQUIRE(syscall(SYS_readv, ends.here, &part, -1L) == -1 && errno == EINVAL);
	REQUIRE(read(ends.here, KERNEL_ADDRESS, 8) == -1 && errno == EFAULT);
	REQUIRE(recv(ends.here, KERNEL_ADDRESS, 8, 0) == -1 && errno == EFAULT);
	REQUIRE(syscall(SYS_read, ends.here, 0, 8) == -1 && errno == EFAULT);
	REQUIRE(syscall(SYS_read, ends.here, buffer, -1UL) == -1 && errno == EFAULT);
	REQUIRE(read(ends.here, half, 8) == -1 && errno == EFAULT);
	REQUIRE(recv(ends.here, half, 8, 0) == -1 && errno == EFAULT);
	/* What there is room for is not too much, whatever was said to be there. */
	REQUIRE(read(ends.here, buffer, 5) == 5 && !memcmp(buffer, "01234", 5));
	REQUIRE(read(ends.here, half, PAGE_BYTES) == 3 && !memcmp(half, "567", 3));

	REQUIRE(write(ends.here, KERNEL_ADDRESS, 8) == -1 && errno == EFAULT);
	REQUIRE(send(ends.here, KERNEL_ADDRESS, 8, 0) == -1 && errno == EFAULT);
	REQUIRE(writev(ends.here, &part, 1) == -1 && errno == EFAULT);
	REQUIRE(writev(ends.here, (void *)KERNEL_ADDRESS, 1) == -1 && errno == EFAULT);
	REQUIRE(syscall(SYS_writev, ends.here, &part, -1L) == -1 && errno == EINVAL);
	REQUIRE(sendmsg(ends.here, &message, 0) == -1 && errno == EFAULT);
	REQUIRE(sendmsg(ends.here, (void *)KERNEL_ADDRESS, 0) == -1 && errno == EFAULT);
	REQUIRE(write(ends.here, half, 8) == -1 && errno == EFAULT);
	send_text(ends.here, "good");
	REQUIRE(read(ends.there, buffer, 16) == 4 && !memcmp(buffer, "good", 4));
}

/* A buffer that is not there yet is brought in while the socket is owned. */
TEST(untouched_buffers_are_as_good_as_others)
{
	struct connection ends = open_connection(AF_INET);
	char *pages = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	REQUIRE(pages != MAP_FAILED);
	for (i = 0; i < 100; i++) {
		send_text(ends.there, "01234567");
		await_bytes(ends.here, 8);
		REQUIRE(madvise(pages, 2 * PAGE_BYTES, MADV_DONTNEED) == 0);
		REQUIRE(read(ends.here, pages + PAGE_BYTES - 4, 8) == 8);
		REQUIRE(!memcmp(pages + PAGE_BYTES - 4, "01234567", 8));
	}
}

struct blocked_reader {
	int fd;
	pid_t tid;
	ssize_t result;
};

static void *read_one(void *argument)
{
	struct blocked_reader *reader = argument;
	char byte;

	__atomic_store_n(&reader->tid, gettid(), __ATOMIC_RELEASE);
	reader->result = recv(reader->fd, &byte, 1, 0);
	return NULL;
}

/* Start the thread, which then waits in recv(). */
static pthread_t block(struct blocked_reader *reader)
{
	pthread_t thread;
	pid_t tid;

	REQUIRE(pthread_create(&thread, NULL, read_one, reader) == 0);
	while (!(tid = __atomic_load_n(&reader->tid, __ATOMIC_ACQUIRE)))
		sched_yield();
	await_sleep(tid);
	return thread;
}

/* It keeps the connection until it has what it waits for; only new calls fail. */
TEST(a_call_outlives_its_descriptor)
{
	struct connection ends = open_connection(AF_INET);
	struct blocked_reader reader = { .fd = ends.here };
	pthread_t thread = block(&reader);
	char byte;

	REQUIRE(close(ends.here) == 0);
	REQUIRE(recv(ends.here, &byte, 1, 0) == -1 && errno == EBADF);
	send_text(ends.there, "x");
	REQUIRE(pthread_join(thread, NULL) == 0);
	REQUIRE(reader.result == 1);
}

/* The end, too, is told to who waits for it, not that the descriptor has gone meanwhile. */
TEST(the_end_of_a_connection_outlives_its_descriptor)
{
	int i;

	for (i = 0; i < 20; i++) {
		struct connection ends = open_connection(AF_INET);
		struct blocked_reader reader = { .fd = ends.here };
		pthread_t thread = block(&reader);

		REQUIRE(shutdown(ends.here, SHUT_RDWR) == 0 && close(ends.here) == 0);
		REQUIRE(pthread_join(thread, NULL) == 0);
		REQUIRE(reader.result == 0);
		REQUIRE(close(ends.there) == 0);
	}
}

static int closing_fd;

static void *close_and_open(void *argument)
{
	struct connection *ends = argument;

	while (!signals) {
		/* In turn the connection, another file, and nothing. */
		REQUIRE(dup2(ends->here, closing_fd) == closing_fd);
		REQUIRE(dup2(STDERR_FILENO, closing_fd) == closing_fd);
		REQUIRE(close(closing_fd) == 0);
	}
	return NULL;
}

TEST(a_descriptor_may_change_under_the_call)
{
	struct connection ends = open_connection(AF_INET);
	pthread_t closer;
	long i, got = 0;
	char byte;

	signals = 0;
	closing_fd = fcntl(ends.here, F_DUPFD, 100);
	REQUIRE(closing_fd >= 100);
	REQUIRE(pthread_create(&closer, NULL, close_and_open, &ends) == 0);
	for (i = 0; i < ukl_test_scaled(20000); i++) {
		ssize_t result;

		send_text(ends.there, "x");
		result = recv(closing_fd, &byte, 1, MSG_DONTWAIT);
		REQUIRE(result == 1 || errno == EBADF || errno == ENOTSOCK ||
			errno == EAGAIN);
		got += result == 1;
	}
	signals = 1;
	REQUIRE(pthread_join(closer, NULL) == 0);
	/* Nothing was lost, nothing read twice. */
	while (recv(ends.here, &byte, 1, MSG_DONTWAIT) == 1)
		got++;
	REQUIRE(errno == EAGAIN && got == i);
}

TEST(seccomp_decides_about_connections)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_recvfrom, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EDOM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };
	struct connection ends = open_connection(AF_INET);
	char byte;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		SKIP("no seccomp");
	send_text(ends.there, "xy");
	await_bytes(ends.here, 2);
	REQUIRE(recv(ends.here, &byte, 1, 0) == 1);
	REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	REQUIRE(recv(ends.here, &byte, 1, 0) == -1 && errno == EDOM);
	REQUIRE(read(ends.here, &byte, 1) == 1 && byte == 'y');
}

TEST(a_tracer_sees_calls_on_connections)
{
	struct connection ends = open_connection(AF_INET);
	struct user_regs_struct regs;
	int status, stops = 0;
	pid_t pid;
	char byte;

	send_text(ends.there, "x");
	await_bytes(ends.here, 1);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(recv(ends.here, &byte, 1, 0) == 1 ? 0 : 1);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	while (WIFSTOPPED(status)) {
		REQUIRE(ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == 0);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		if (!WIFSTOPPED(status))
			break;
		REQUIRE(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
		stops += regs.orig_rax == SYS_recvfrom;
	}
	REQUIRE(stops == 2 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(who_watches_a_connection_is_told)
{
	struct connection ends = open_connection(AF_INET);
	int watcher = inotify_init1(IN_NONBLOCK);
	struct inotify_event event;
	char path[64], byte;

	if (watcher < 0)
		SKIP("no inotify");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends.here);
	REQUIRE(inotify_add_watch(watcher, path, IN_ACCESS | IN_MODIFY) >= 0);
	send_text(ends.there, "x");
	await_bytes(ends.here, 1);
	REQUIRE(read(ends.here, &byte, 1) == 1);
	REQUIRE(read(watcher, &event, sizeof(event)) == sizeof(event));
	REQUIRE(event.mask == IN_ACCESS);
	REQUIRE(write(ends.here, "x", 1) == 1);
	REQUIRE(read(watcher, &event, sizeof(event)) == sizeof(event));
	REQUIRE(event.mask == IN_MODIFY);
}
