/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Harness of the UKL selftests.
 *
 * Every test runs in a process of its own, with a deadline, and is an ordinary
 * program: it must pass at CPL 3 on an unpatched kernel too, so a test that
 * cannot fail shows up there. Output is TAP.
 */
#ifndef UKL_TEST_H
#define UKL_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct ukl_test {
	const char *name;
	void (*run)(void);
	struct ukl_test *next;
};

void ukl_test_register(struct ukl_test *test);

/* Define a test. It passes by returning. */
#define TEST(test_name)							\
	static void test_name(void);					\
	static void __attribute__((constructor)) register_##test_name(void) \
	{								\
		static struct ukl_test test = {				\
			.name = #test_name, .run = test_name,		\
		};							\
		ukl_test_register(&test);				\
	}								\
	static void test_name(void)

/* The test fails, with the condition, its place and errno, unless @cond holds. */
#define REQUIRE(cond)							\
	do {								\
		if (!(cond))						\
			ukl_test_fail(__FILE__, __LINE__, #cond);	\
	} while (0)

/* The test does not apply here. */
#define SKIP(why)	ukl_test_skip(why)

void ukl_test_fail(const char *file, int line, const char *what)
	__attribute__((noreturn));
void ukl_test_skip(const char *why) __attribute__((noreturn));

/* Current privilege level, from the selector in CS. */
static inline unsigned int current_cpl(void)
{
	unsigned short cs;

	asm volatile("movw %%cs, %0" : "=r"(cs));
	return cs & 3;
}

/* Make a system call by the SYSCALL instruction, whatever the libc was built for. */
static inline long syscall_by_instruction(long nr, long a, long b, long c)
{
	long ret;

	/* The bytes of SYSCALL: our assembler has a macro of that name. */
	asm volatile(".byte 0x0f, 0x05"
		     : "=a"(ret)
		     : "a"(nr), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return ret;
}

/* Argument with which the program says that it runs and then waits to be killed. */
#define UKL_TEST_WAIT	"--wait"

/* Argument with which the program ends at once, with success. */
#define UKL_TEST_EXIT	"--exit"

/*
 * How many times a test shall do something that it does @count times otherwise:
 * UKL_TEST_SCALE says how many times as often. Deadlines grow with it.
 */
long ukl_test_scaled(long count);

/* All registers that the ABI of the call entry mentions. */
struct call_regs {
	long rax, rdi, rsi, rdx, r10, r8, r9;
	long rbx, rbp, r12, r13, r14, r15;
};

/* In call_with_regs.S. */
void call_with_regs(struct call_regs *regs, void (*entry)(void));
void repeat_call(long number, void (*entry)(void)) __attribute__((noreturn));
void repeat_call_returned(void);
void syscall_entry(void);

/* Start @argv[0] and wait. Return: its status as waitpid() gives it. */
int run_program(char *const argv[]);

/* Run @child in a forked process. Return: its status as waitpid() gives it. */
int run_child(void (*child)(void));

/* Write @text to a file that exists, in one go. Return: success; else errno says why. */
bool write_file(const char *path, const char *text);

/* Return: how many lines of a file contain @part. */
int count_lines(const char *path, const char *part);

/*
 * Mount a file system that is an interface of the kernel; it stays.
 * Return: whether the kernel has it, and lets us.
 */
bool mount_kernel_files(const char *type, const char *directory);

/* In walk_places.S, of the program ukl_walk. */
void walk_marker(void);
void walk_read_victim(void);

#endif /* UKL_TEST_H */
