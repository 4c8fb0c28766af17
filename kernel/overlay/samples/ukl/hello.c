// SPDX-License-Identifier: GPL-2.0-only
/*
 * Says which mode it runs in, and makes a system call by a call if the kernel
 * offers that. The note asks for CPL 0; everywhere else this is an ordinary
 * program. See Documentation/arch/x86/ukl.rst.
 */
#include <linux/types.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AT_UKL	0x554b4c

struct ukl_vector {
	__u32 version;
	__u32 size;
	void (*syscall)(void);
};

static const struct {
	__u32 name_size, desc_size, type;
	char name[4];
	__u32 version, flags;
	__u8 build_id[20];
} note __attribute__((section(".note.ukl"), aligned(4), used)) = {
	.name_size = 4, .desc_size = 28, .type = 1, .name = "UKL", .version = 1,
};

/* Built with -mno-red-zone: the call overwrites what is below the stack pointer. */
static long syscall_by_call(const struct ukl_vector *vector, long nr, long a,
			    long b, long c)
{
	long ret;

	asm volatile("call *%[entry]"
		     : "=a"(ret)
		     : "a"(nr), "D"(a), "S"(b), "d"(c), [entry] "r"(vector->syscall)
		     : "rcx", "r11", "cc", "memory");
	return ret;
}

int main(void)
{
	static const char text[] = "Hello by a call\n";
	const struct ukl_vector *vector = (void *)getauxval(AT_UKL);
	unsigned short cs;

	asm("movw %%cs, %0" : "=r"(cs));
	printf("CPL %d\n", cs & 3);
	fflush(stdout);

	if (!vector || vector->version != 1) {
		puts("Hello by an instruction");
		return 0;
	}
	return syscall_by_call(vector, SYS_write, STDOUT_FILENO, (long)text,
			       strlen(text)) != (long)strlen(text);
}
