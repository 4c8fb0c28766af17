// SPDX-License-Identifier: GPL-2.0-only
/*
 * Goes through every entry and exit of the kernel that a program can cause, over
 * and over, and checks each time that nothing of its own has changed: registers,
 * red zone, flags, results, and the number of signals.
 *
 * A debugger outside of the machine (ukl kernel test --stubs) stops it at one
 * instruction of the entry code after the other and makes something happen
 * there. It finds the symbols walk_* in this program, counts the rounds by
 * walk_marker() and sends bytes to the second serial port, each of which is a
 * SIGIO. Without a debugger the program makes a few rounds and ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "ukl_test.h"

#define AT_UKL		0x554b4c
#define LINE		"/dev/ttyS1"
#define PAGE_BYTES	4096
#define TRAP_FLAG	0x100
#define NESTED_TASK	0x4000

/* What the debugger reads and writes. */
volatile uint64_t walk_signals;		/* SIGIOs that came */
volatile uint64_t walk_traps;		/* SIGTRAPs that nothing in the program asked for */
volatile uint64_t walk_bus_errors;	/* SIGBUS by memory that is broken, and where */
volatile uint64_t walk_bus_address;
volatile uint64_t walk_stop;		/* written: end after this round */
volatile uint64_t walk_use_victim;	/* written: read walk_victim in each round */
char *walk_victim;			/* a page of the program's that may break */

static void (*call_entry)(void);
static int line = -1;
static char *page;
static volatile sig_atomic_t expected_signal, handled, step_traps, stepping;

void ukl_test_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s (errno %d, %s)\n", file, line, what, errno, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static void on_io(int sig)
{
	int saved = errno;
	char byte;

	while (read(line, &byte, 1) == 1)
		walk_signals++;
	errno = saved;
}

/* Go on behind the instruction that raised @sig: the handlers know its length. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	if (sig == SIGBUS) {
		/* With an address if the kernel knows which memory is broken. */
		REQUIRE(info->si_code == BUS_MCEERR_AR || info->si_code == SI_KERNEL);
		walk_bus_errors++;
		walk_bus_address = (uintptr_t)info->si_addr;
		REQUIRE(mmap(walk_victim, PAGE_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == walk_victim);
		return;
	}
	if (sig == SIGTRAP && expected_signal != SIGTRAP) {
		/* A single step that the debugger has set off. */
		regs[REG_EFL] &= ~TRAP_FLAG;
		if (stepping)
			step_traps++;
		else
			walk_traps++;
		return;
	}
	if (sig != expected_signal)
		printf("# signal %d instead of %d at %llx\n", sig, expected_signal, regs[REG_RIP]);
	REQUIRE(sig == expected_signal);
	handled++;
	expected_signal = 0;
	/* R15 has the address to go on at. */
	if (regs[REG_R15])
		regs[REG_RIP] = regs[REG_R15];
}

/* Run one instruction that raises @sig. */
#define RAISES(sig, instruction)					\
	do {								\
		sig_atomic_t before = handled;				\
									\
		expected_signal = (sig);				\
		asm volatile("leaq 1f(%%rip), %%r15\n\t"		\
			     instruction "\n1:"				\
			     : : : "rax", "rcx", "rdx", "r15", "cc", "memory"); \
		REQUIRE(handled == before + 1);				\
	} while (0)

static void count(int sig)
{
	handled++;
}

static void install(int sig, void (*handler)(int))
{
	const struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };

	REQUIRE(sigaction(sig, &sa, NULL) == 0);
}

static void system_calls(void)
{
	const struct call_regs before = {
		SYS_getpid, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26,
	};
	struct call_regs after = before;
	const stack_t stack = { .ss_flags = SS_DISABLE };
	char dispatch = SYSCALL_DISPATCH_FILTER_ALLOW;
	unsigned long red_zone, flags;
	long pid = getpid(), ret;

	REQUIRE(pid > 0 && syscall(SYS_close, -1) == -1 && errno == EBADF);
	REQUIRE(syscall(9999) == -1 && errno == ENOSYS);
	if (call_entry) {
		call_with_regs(&after, call_entry);
		REQUIRE(after.rax == pid);
		after.rax = before.rax;
		REQUIRE(!memcmp(&before, &after, sizeof(before)));
		/* With work to be done at entry, which comes to nothing. */
		REQUIRE(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0,
			      &dispatch) == 0);
		call_with_regs(&after, call_entry);
		REQUIRE(after.rax == pid);
		REQUIRE(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0) == 0);
		/* Goes back by IRET, over the caller's red zone. */
		after.rax = SYS_sigaltstack;
		after.rdi = (long)&stack;
		after.rsi = 0;
		call_with_regs(&after, call_entry);
		REQUIRE(after.rax == 0 && after.r15 == before.r15);
		/* A flag that the kernel must not run with: the entry clears it. */
		asm volatile("pushfq\n\t"
			     "orq %[nested], (%%rsp)\n\t"
			     "popfq\n\t"
			     "call *%[entry]\n\t"
			     "pushfq\n\t"
			     "movq (%%rsp), %[flags]\n\t"
			     "andq %[clear], (%%rsp)\n\t"
			     "popfq"
			     : "=a"(ret), [flags] "=&r"(flags)
			     : "0"((long)SYS_getpid), [entry] "r"(call_entry),
			       [nested] "i"(NESTED_TASK), [clear] "i"(~NESTED_TASK)
			     : "rcx", "r11", "memory", "cc");
		REQUIRE(ret == pid && !(flags & NESTED_TASK));
		/* Stepping into the entry: the trap is the kernel's, which takes it back. */
		asm volatile("pushfq\n\t"
			     "orq %[trap], (%%rsp)\n\t"
			     "popfq\n\t"
			     "call *%[entry]"
			     : "=a"(ret)
			     : "0"((long)SYS_getpid), [entry] "r"(call_entry), [trap] "i"(TRAP_FLAG)
			     : "rcx", "r11", "memory", "cc");
		REQUIRE(ret == pid);
	}
	/* The red zone is the program's when it makes no call. */
	asm volatile("movq $0x5678, -128(%%rsp)\n\t"
		     "std\n\t"
		     ".byte 0x0f, 0x05\n\t"
		     "pushfq\n\t"
		     "popq %[flags]\n\t"
		     "cld\n\t"
		     "movq -128(%%rsp), %[red_zone]"
		     : "=a"(ret), [red_zone] "=r"(red_zone), [flags] "=r"(flags)
		     : "0"((long)SYS_getpid)
		     : "rcx", "r11", "memory", "cc");
	REQUIRE(ret == pid && red_zone == 0x5678 && (flags & 0x400));
}

static void faults(void)
{
	REQUIRE(madvise(page, PAGE_BYTES, MADV_DONTNEED) == 0);
	REQUIRE(page[1] == 0);
	page[1] = 1;
	REQUIRE(page[1] == 1);
	/* The kernel faults on it. */
	REQUIRE(madvise(page, PAGE_BYTES, MADV_DONTNEED) == 0);
	REQUIRE(syscall(SYS_getcwd, page, PAGE_BYTES) > 0);
	RAISES(SIGSEGV, "movb 16, %%al");
	RAISES(SIGSEGV, "movabs $0x8000000000000000, %%rax\n\tmovb (%%rax), %%al");
	RAISES(SIGILL, "ud2");
	RAISES(SIGFPE, "xorl %%ecx, %%ecx\n\tidivl %%ecx");
	RAISES(SIGTRAP, "int3");
	if (current_cpl() == 0) {
		/* Gates that ring 3 may not use, or that nothing else uses any more. */
		RAISES(SIGSEGV, "int $4");
		RAISES(SIGSEGV, "int $5");
		RAISES(SIGFPE, "int $9");
	}
}

static void floating_point(void)
{
	const unsigned short all_masked = 0x37f, divide = 0x37b;

	asm volatile("fninit\n\tfldcw %0" : : "m"(divide));
	RAISES(SIGFPE, "fld1\n\tfldz\n\tfdivrp\n\tleaq 1f(%%rip), %%r15\n\tfwait");
	asm volatile("fninit\n\tfldcw %0" : : "m"(all_masked));
}

/* Interrupts of the APIC, from the program: by instruction, which only CPL 0 may. */
static void interrupts(void)
{
	unsigned long i;

	if (current_cpl() == 0) {
		asm volatile("int $0xec" : : : "memory");	/* local timer */
		asm volatile("int $0xf6" : : : "memory");	/* irq_work */
		asm volatile("int $0xfb" : : : "memory");	/* call of a function, for one */
		asm volatile("int $0xfc" : : : "memory");	/* and for all CPUs */
		asm volatile("int $0xfd" : : : "memory");	/* reschedule */
	}
	/* And a chance for those that come by themselves. */
	for (i = 0; i < 2000; i++)
		asm volatile("" : : : "memory");
}

static void single_step(void)
{
	sig_atomic_t before = step_traps;

	stepping = 1;
	asm volatile("pushfq\n\t"
		     "orq %[trap], (%%rsp)\n\t"
		     "popfq\n\t"
		     "nop"
		     : : [trap] "i"(TRAP_FLAG) : "memory", "cc");
	stepping = 0;
	REQUIRE(step_traps == before + 1);
}

static int restart_pipe[2];

static void feed_pipe(int sig)
{
	handled++;
	REQUIRE(write(restart_pipe[1], "x", 1) == 1);
}

static void signals(void)
{
	const struct itimerval soon = { .it_value = { 0, 200 } };
	sig_atomic_t before = handled;
	char byte = 0;

	REQUIRE(raise(SIGUSR1) == 0);
	REQUIRE(handled == before + 1);
	/* A read that is interrupted, and made again when the handler has given it its byte. */
	REQUIRE(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	REQUIRE(read(restart_pipe[0], &byte, 1) == 1 && byte == 'x');
	REQUIRE(handled == before + 2);
}

static void child_processes(void)
{
	volatile long here = 1;
	int status = -1;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		here = 2;
		_exit(here);
	}
	while (waitpid(pid, &status, 0) != pid)
		REQUIRE(errno == EINTR);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 2 && here == 1);
}

/* Open the line on which every byte is an interrupt, and then a signal. */
static void open_line(void)
{
	const struct sched_param none = { 0 };
	struct termios mode;

	line = open(LINE, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	REQUIRE(line >= 0);
	REQUIRE(tcgetattr(line, &mode) == 0);
	cfmakeraw(&mode);
	REQUIRE(tcsetattr(line, TCSANOW, &mode) == 0);
	REQUIRE(fcntl(line, F_SETOWN, getpid()) == 0);
	REQUIRE(fcntl(line, F_SETFL, O_NONBLOCK | O_ASYNC) == 0);
	/* The worker that turns the interrupt into a signal then runs at once. */
	REQUIRE(sched_setscheduler(0, SCHED_IDLE, &none) == 0);
}

/* Where in the vector the entry of a level is. */
static int find_entry(const char *level)
{
	if (level && !strcmp(level, "shortcut"))
		return 3;
	return level && !strcmp(level, "bypass") ? 2 : 1;
}

static void prepare(bool debugged)
{
	static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	const struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	const unsigned long *vector = (const unsigned long *)getauxval(AT_UKL);
	const char *level = getenv("UKL_LEVEL");
	size_t i;

	if (vector)
		call_entry = (void (*)(void))vector[find_entry(level)];
	page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	walk_victim = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(page != MAP_FAILED && walk_victim != MAP_FAILED);
	REQUIRE(pipe(restart_pipe) == 0);
	for (i = 0; i < ARRAY_SIZE(fault_signals); i++)
		REQUIRE(sigaction(fault_signals[i], &sa, NULL) == 0);
	install(SIGUSR1, count);
	install(SIGALRM, feed_pipe);
	install(SIGIO, on_io);
	if (!debugged)
		return;
	open_line();
}

int main(int argc, char **argv)
{
	bool debugged = argc > 1 && !strcmp(argv[1], "--debugged");
	int rounds = 10;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("# CPL %u\n", current_cpl());
	prepare(debugged);
	puts("# walking");
	while (!walk_stop && (debugged || rounds--)) {
		system_calls();
		faults();
		floating_point();
		interrupts();
		single_step();
		signals();
		child_processes();
		if (walk_use_victim)
			walk_read_victim();
		walk_marker();
	}
	puts("# done");
	return 0;
}
