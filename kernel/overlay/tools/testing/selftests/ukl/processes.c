// SPDX-License-Identifier: GPL-2.0-only
/* fork, vfork, exec, threads: globals are private, registers are a thread's own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

extern char **environ;

static int global = 1;

static void change_global(void)
{
	volatile int *local = malloc(64 * sizeof(int));

	REQUIRE(global == 1 && local);
	global = 2;
	local[0] = 3;
	REQUIRE(global == 2);
	free((void *)local);
}

TEST(data_is_private_across_fork)
{
	int i;

	for (i = 0; i < 100; i++) {
		char *block = malloc(100 + i);

		REQUIRE(block);
		REQUIRE(run_child(change_global) == 0);
		REQUIRE(global == 1);
		free(block);
	}
}

TEST(vfork_returns_twice)
{
	volatile int i;
	int status;

	for (i = 0; i < 100; i++) {
		pid_t pid = vfork();

		REQUIRE(pid >= 0);
		if (!pid)
			_exit(i);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == i);
	}
}

/* A second run of this very program: it must start from clean data. */
TEST(the_program_can_start_itself_again)
{
	char *const argv[] = { "/proc/self/exe", "data_is_private_across_fork", NULL };
	int i;

	for (i = 0; i < 3; i++)
		REQUIRE(run_program(argv) == 0);
}

TEST(three_instances_run_at_once)
{
	char *const argv[] = { "/proc/self/exe", "threads_have_their_own_state", NULL };
	pid_t pids[3];
	int i, status;

	for (i = 0; i < 3; i++)
		REQUIRE(posix_spawn(&pids[i], argv[0], NULL, NULL, argv, environ) == 0);
	for (i = 0; i < 3; i++)
		REQUIRE(waitpid(pids[i], &status, 0) == pids[i] && status == 0);
}

/* From CPL 0 to an ordinary program and back to a shell's output. */
TEST(ordinary_programs_can_be_started)
{
	char line[64] = "";
	FILE *shell;

	if (access("/bin/sh", X_OK))
		SKIP("no /bin/sh");
	REQUIRE(system("exit 3") >> 8 == 3);
	shell = popen("echo hello; exit 4", "r");
	REQUIRE(shell);
	REQUIRE(fgets(line, sizeof(line), shell));
	REQUIRE(!strcmp(line, "hello\n"));
	REQUIRE(WEXITSTATUS(pclose(shell)) == 4);
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t size;

	REQUIRE(in >= 0 && out >= 0);
	while ((size = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	REQUIRE(size == 0);
	REQUIRE(close(in) == 0 && close(out) == 0);
}

/*
 * A copy outside the initramfs is a normal program on an unpatched kernel and
 * refused with ukl=image, which is what the tests boot with; the caller lives on.
 */
TEST(programs_outside_the_image_are_refused)
{
	char *const argv[] = { "/tmp/copy", "results_and_errors", NULL };

	if (access("/tmp", W_OK))
		SKIP("/tmp is not writable");
	copy_file("/proc/self/exe", argv[0]);
	if (current_cpl() == 0)
		REQUIRE(execv(argv[0], argv) == -1 && errno == EPERM);
	else
		REQUIRE(run_program(argv) == 0);
	REQUIRE(unlink(argv[0]) == 0);
}

TEST(exec_failures_return)
{
	char *const argv[] = { "/nonexistent", NULL };

	REQUIRE(execv(argv[0], argv) == -1 && errno == ENOENT);
	REQUIRE(execv("/proc/self/maps", argv) == -1 && errno == EACCES);
	REQUIRE(getpid() > 0);
}

#define THREADS	64

static __thread int thread_number;
static pthread_barrier_t barrier;

/* TLS and floating-point state survive being switched out, again and again. */
static void *check_thread_state(void *arg)
{
	int number = (int)(long)arg, i;
	volatile double value = number + 0.5;

	thread_number = number;
	pthread_barrier_wait(&barrier);
	for (i = 0; i < 200; i++) {
		value = value * 2.0 / 2.0;
		sched_yield();
		if (thread_number != number || value != number + 0.5)
			return (void *)1;
	}
	return NULL;
}

TEST(threads_have_their_own_state)
{
	pthread_t threads[THREADS];
	void *failed;
	long i;

	REQUIRE(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
	for (i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, check_thread_state,
				       (void *)i) == 0);
	for (i = 0; i < THREADS; i++)
		REQUIRE(pthread_join(threads[i], &failed) == 0 && !failed);
}

/* Fill XMM0 to XMM15, block in a system call, compare. Return: 0 if all survived. */
static int xmm_survive_read(int fd, unsigned char seed)
{
	unsigned char before[16][16] __attribute__((aligned(16)));
	unsigned char after[16][16] __attribute__((aligned(16)));
	unsigned char byte;
	long ret = 0;
	int i, j;

	for (i = 0; i < 16; i++)
		for (j = 0; j < 16; j++)
			before[i][j] = (unsigned char)(seed + 16 * i + j);

#define XMM(n, offset)	"movdqa " #offset "(%[before]), %%xmm" #n "\n\t"
#define MMX(n, offset)	"movdqa %%xmm" #n ", " #offset "(%[after])\n\t"
#define ALL(op)								\
	op(0, 0) op(1, 16) op(2, 32) op(3, 48) op(4, 64) op(5, 80)	\
	op(6, 96) op(7, 112) op(8, 128) op(9, 144) op(10, 160)		\
	op(11, 176) op(12, 192) op(13, 208) op(14, 224) op(15, 240)
	asm volatile(ALL(XMM)
		     "syscall\n\t"
		     ALL(MMX)
		     : "+a"(ret)
		     : "D"((long)fd), "S"(&byte), "d"(1L),
		       [before] "r"(before), [after] "r"(after)
		     : "rcx", "r11", "memory",
		       "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
		       "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
		       "xmm13", "xmm14", "xmm15");
	return ret != 1 || memcmp(before, after, sizeof(before));
}

TEST(vector_registers_survive_blocking_calls)
{
	int to_child[2], to_parent[2], i, status;
	pid_t pid;

	REQUIRE(pipe(to_child) == 0 && pipe(to_parent) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		for (i = 0; i < 2000; i++) {
			if (xmm_survive_read(to_child[0], (unsigned char)~i))
				_exit(1);
			if (write(to_parent[1], "x", 1) != 1)
				_exit(2);
		}
		_exit(0);
	}
	for (i = 0; i < 2000; i++) {
		REQUIRE(write(to_child[1], "x", 1) == 1);
		REQUIRE(xmm_survive_read(to_parent[0], (unsigned char)i) == 0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
}

/* In static data, between processes: the futex is keyed by its page. */
TEST(a_mutex_can_be_shared_between_processes)
{
	pthread_mutexattr_t attributes;
	struct shared {
		pthread_mutex_t mutex;
		long counter;
	} *shared;
	int i, status;
	pid_t pid;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared != MAP_FAILED);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	REQUIRE(pthread_mutex_init(&shared->mutex, &attributes) == 0);

	pid = fork();
	REQUIRE(pid >= 0);
	for (i = 0; i < 5000; i++) {
		REQUIRE(pthread_mutex_lock(&shared->mutex) == 0);
		shared->counter++;
		if (i % 100 == 0)
			sched_yield();
		REQUIRE(pthread_mutex_unlock(&shared->mutex) == 0);
	}
	if (!pid)
		_exit(0);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	REQUIRE(shared->counter == 10000);
}

typedef int (*function)(void);

TEST(generated_code_runs)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(page != MAP_FAILED);
	memcpy(page, code, sizeof(code));
	REQUIRE(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
	REQUIRE(((function)page)() == 42);
}
