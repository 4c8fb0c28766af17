// SPDX-License-Identifier: Apache-2.0
/*
 * Plays the kernel's part for the start object: enters __ukl_start with
 * auxiliary vectors of all kinds and sees which way the system calls then go.
 * Built without C library and crt files; _start is its own. Exit status: 0, or
 * the number of the round that failed.
 */

#define AT_UKL		0x554b4c
#define AT_PAGESZ	6
#define EXIT_FUNCTION	0x1234

struct kernel_vector {
	unsigned int version;
	unsigned int size;
	unsigned long syscall;
	unsigned long fast_syscall;
	unsigned long shortcut_syscall;
};

void __ukl_start(void);
long __ukl_syscall(void);

/* The kernel's entries: count, then do as SYSCALL does (in bytes, as our assembler makes a call of it). */
long calls, fast_calls, shortcut_calls;
__asm__("shortcut_entry:\n"
	"	incq	shortcut_calls(%rip)\n"
	"	jmp	kernel_entry\n"
	"fast_entry:\n"
	"	incq	fast_calls(%rip)\n"
	"kernel_entry:\n"
	"	incq	calls(%rip)\n"
	"	.byte	0x0f, 0x05\n"
	"	ret\n");
void kernel_entry(void);
void fast_entry(void);
void shortcut_entry(void);

static struct kernel_vector good = { 1, sizeof(good), (unsigned long)kernel_entry, 0 };
static struct kernel_vector full = { 1, sizeof(full), (unsigned long)kernel_entry, (unsigned long)fast_entry, (unsigned long)shortcut_entry };
static struct kernel_vector no_shortcut = { 1, sizeof(no_shortcut), (unsigned long)kernel_entry, (unsigned long)fast_entry, 0 };
static struct kernel_vector fast = { 1, 24, (unsigned long)kernel_entry, (unsigned long)fast_entry, 1 };
static struct kernel_vector smallest = { 1, 16, (unsigned long)kernel_entry, 1 };
static struct kernel_vector later_version = { 2, sizeof(good), 1, 1 };
static struct kernel_vector too_small = { 1, 15, 1, 1 };

/* Once a vector was accepted the slot keeps it: so the good ones come last. */
static const struct round {
	struct kernel_vector *vector;
	const char *variable;
	int expected_calls, expected_fast_calls, expected_shortcut_calls;
} rounds[] = {
	{ 0, "NAME=value", 0, 0 },
	{ &later_version, "UKL_LEVEL=bypass", 0, 0 },
	{ &too_small, "UKL_LEVEL=bypass", 0, 0 },
	{ &smallest, "UKL_LEVEL=bypass", 1, 0 },
	{ &good, "UKL_LEVEL=bypass", 2, 0 },
	{ &fast, "UKL_LEVEL=base", 3, 0 },
	{ &fast, "UKL_LEVEL=bypassed", 4, 0 },
	{ &fast, "UKL_LEVEL", 5, 0 },
	{ &fast, "UKL_LEVEL=bypass", 6, 1 },
	{ &fast, "UKL_LEVEL=shortcut", 7, 2 },
	{ &no_shortcut, "UKL_LEVEL=shortcut", 8, 3 },
	{ &smallest, "UKL_LEVEL=shortcut", 9, 3 },
	{ &full, "UKL_LEVEL=bypass", 10, 4 },
	{ &full, "UKL_LEVEL=shortcu", 11, 4 },
	{ &full, "UKL_LEVEL=shortcuts", 12, 4 },
	{ &full, "UKL_LEVEL=shortcut", 13, 4, 1 },
};

static unsigned int current;

/* The stack grows down from the words that the kernel would have put there. */
static unsigned long memory[2048] __attribute__((aligned(16)));
static unsigned long *const process_stack = memory + 1024;

static long system_call(long number, long argument)
{
	long result;

	__asm__ volatile("call __ukl_syscall" : "=a"(result) : "0"(number), "D"(argument) : "rcx", "r11", "memory");
	return result;
}

static void __attribute__((noreturn)) leave(long status)
{
	for (;;)
		system_call(60, status);
}

/* Makes the stack of a new process (argc, argv, envp, auxv) and enters the program. */
static void __attribute__((noreturn)) enter(void)
{
	unsigned long *word = process_stack;

	*word++ = 2;
	*word++ = (unsigned long)"program";
	*word++ = (unsigned long)"argument";
	*word++ = 0;
	*word++ = (unsigned long)"A=";
	*word++ = (unsigned long)rounds[current].variable;
	*word++ = (unsigned long)"Z=";
	*word++ = 0;
	*word++ = AT_PAGESZ;
	*word++ = 4096;
	if (rounds[current].vector) {
		*word++ = AT_UKL;
		*word++ = (unsigned long)rounds[current].vector;
	}
	*word++ = 0;
	*word++ = 0;
	__asm__ volatile("mov %0, %%rsp; mov %1, %%edx; jmp __ukl_start" ::"r"(process_stack), "i"(EXIT_FUNCTION));
	__builtin_unreachable();
}

/* Where __ukl_start leads to: rsp and rdx must be as they were. */
__asm__(".globl _start\n"
	"_start:	mov	%rsp, %rdi\n"
	"	mov	%rdx, %rsi\n"
	"	and	$-16, %rsp\n"
	"	call	started\n");

__attribute__((used)) static void started(unsigned long *stack, unsigned long exit_function)
{
	int intact = stack == process_stack && stack[0] == 2 && exit_function == EXIT_FUNCTION;

	if (!intact || system_call(39, 0) <= 0 || calls != rounds[current].expected_calls ||
	    fast_calls != rounds[current].expected_fast_calls ||
	    shortcut_calls != rounds[current].expected_shortcut_calls)
		leave(current + 1);
	if (++current == sizeof(rounds) / sizeof(rounds[0]))
		leave(0);
	enter();
}

__asm__(".globl test_entry\n"
	"test_entry:	and	$-16, %rsp\n"
	"	call	begin\n");

__attribute__((used)) static void begin(void)
{
	enter();
}
