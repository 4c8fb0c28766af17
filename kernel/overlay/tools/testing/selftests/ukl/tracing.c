// SPDX-License-Identifier: GPL-2.0-only
/* Tracers see a UKL process make system calls, and change the kernel's text and its own for it. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ukl_test.h"

#define TRACING	"/tmp/tracing"

/* How many system calls are made of each kind, by call and by instruction. */
#define CALLS	10

/*
 * Tracing changes the kernel's text. Where several CPUs are emulated by threads,
 * one can still meet a breakpoint that another has removed, and an unpatched
 * kernel panics then as well.
 */
static bool changes_of_text_are_unsafe(void)
{
	unsigned int eax, signature[3] = { 0 };

	if (sysconf(_SC_NPROCESSORS_ONLN) == 1)
		return false;
	__cpuid(0x40000000, eax, signature[0], signature[1], signature[2]);
	return !memcmp(signature, "TCGTCGTCGTCG", sizeof(signature));
}

static void require_safe_changes(void)
{
	if (changes_of_text_are_unsafe())
		SKIP("QEMU's TCG with several CPUs cannot change the kernel's text");
}

static void require_tracing(void)
{
	require_safe_changes();
	if (access("/tmp", W_OK))
		SKIP("/tmp is not writable");
	if (!mount_kernel_files("tracefs", TRACING))
		SKIP("no tracefs");
	REQUIRE(write_file(TRACING "/trace", ""));
}

static void make_calls(void)
{
	int i;

	for (i = 0; i < CALLS; i++) {
		syscall(SYS_getppid);
		syscall_by_instruction(SYS_getppid, 0, 0, 0);
	}
}

TEST(tracepoints_see_system_calls)
{
	char filter[64], result[64];

	require_tracing();
	if (access(TRACING "/events/syscalls/sys_enter_getppid/enable", W_OK))
		SKIP("no tracepoints of system calls");
	snprintf(filter, sizeof(filter), "common_pid == %d", getpid());
	snprintf(result, sizeof(result), "sys_getppid -> 0x%x", getppid());
	REQUIRE(write_file(TRACING "/events/syscalls/sys_enter_getppid/filter", filter));
	REQUIRE(write_file(TRACING "/events/syscalls/sys_exit_getppid/filter", filter));
	REQUIRE(write_file(TRACING "/events/syscalls/sys_enter_getppid/enable", "1"));
	REQUIRE(write_file(TRACING "/events/syscalls/sys_exit_getppid/enable", "1"));
	make_calls();
	REQUIRE(write_file(TRACING "/events/syscalls/enable", "0"));
	REQUIRE(count_lines(TRACING "/trace", "sys_getppid()") == 2 * CALLS);
	REQUIRE(count_lines(TRACING "/trace", result) == 2 * CALLS);
}

TEST(kprobes_fire_in_system_calls)
{
	require_tracing();
	if (access(TRACING "/kprobe_events", W_OK))
		SKIP("no kprobes");
	REQUIRE(write_file(TRACING "/kprobe_events",
			   "p:ukl/entered __x64_sys_getppid\n"
			   "r:ukl/returned __x64_sys_getppid\n"));
	REQUIRE(write_file(TRACING "/events/ukl/enable", "1"));
	make_calls();
	REQUIRE(write_file(TRACING "/events/ukl/enable", "0"));
	REQUIRE(count_lines(TRACING "/trace", "entered:") == 2 * CALLS);
	REQUIRE(count_lines(TRACING "/trace", "returned:") == 2 * CALLS);
	REQUIRE(write_file(TRACING "/kprobe_events", ""));
}

/* Neither inlined nor the same for two arguments. */
static int __attribute__((noinline)) probed(int number)
{
	asm volatile("" : "+r"(number));
	return number + 1;
}

/* Return: where in this program's file @address is. */
static unsigned long find_offset(uintptr_t address)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, offset, found = 0;
	char line[512];

	REQUIRE(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 &&
		    start <= address && address < end)
			found = address - start + offset;
	fclose(maps);
	REQUIRE(found);
	return found;
}

TEST(uprobes_fire_in_the_program)
{
	unsigned long offset = find_offset((uintptr_t)probed);
	char program[256] = "", events[1024];
	int i;

	require_tracing();
	if (access(TRACING "/uprobe_events", W_OK))
		SKIP("no uprobes");
	REQUIRE(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0);
	snprintf(events, sizeof(events), "p:ukl/entered %s:0x%lx\nr:ukl/returned %s:0x%lx\n",
		 program, offset, program, offset);
	REQUIRE(write_file(TRACING "/uprobe_events", events));
	REQUIRE(write_file(TRACING "/events/ukl/enable", "1"));
	for (i = 0; i < CALLS; i++)
		REQUIRE(probed(i) == i + 1);
	REQUIRE(write_file(TRACING "/events/ukl/enable", "0"));
	REQUIRE(probed(i) == i + 1);
	REQUIRE(count_lines(TRACING "/trace", "entered:") == CALLS);
	REQUIRE(count_lines(TRACING "/trace", "returned:") == CALLS);
	REQUIRE(write_file(TRACING "/uprobe_events", ""));
}

TEST(functions_are_traced)
{
	int i;

	require_tracing();
	if (!write_file(TRACING "/set_ftrace_filter", "*sys_getppid"))
		SKIP("no function tracer");
	for (i = 0; i < 10; i++) {
		REQUIRE(write_file(TRACING "/current_tracer", "function"));
		make_calls();
		REQUIRE(count_lines(TRACING "/trace", "sys_getppid <-") == 2 * CALLS);
		REQUIRE(write_file(TRACING "/current_tracer", "nop"));
		make_calls();
	}
	REQUIRE(write_file(TRACING "/set_ftrace_filter", ""));
}

#define BPF(op, dst, src, offset, value)					\
	((struct bpf_insn){ .code = (op), .dst_reg = (dst), .src_reg = (src),	\
			    .off = (offset), .imm = (value) })

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

/* Load a program that counts this process's calls of getppid(2) in @map. */
static int load_counter(int map)
{
	const struct bpf_insn instructions[] = {
		BPF(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
		BPF(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_pid_tgid),
		BPF(BPF_ALU64 | BPF_RSH | BPF_K, 0, 0, 0, 32),
		BPF(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 11, getpid()),
		/* Arguments of the tracepoint: registers, number of the call. */
		BPF(BPF_LDX | BPF_MEM | BPF_DW, 7, 6, 8, 0),
		BPF(BPF_JMP | BPF_JNE | BPF_K, 7, 0, 9, SYS_getppid),
		BPF(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
		BPF(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		BPF(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		BPF(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, map),
		BPF(0, 0, 0, 0, 0),
		BPF(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		BPF(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
		BPF(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1),
		BPF(BPF_STX | BPF_ATOMIC | BPF_DW, 0, 1, 0, BPF_ADD),
		BPF(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		BPF(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insns = (uintptr_t)instructions,
		.insn_cnt = ARRAY_SIZE(instructions),
		.license = (uintptr_t)"GPL",
	};

	return bpf(BPF_PROG_LOAD, &attributes);
}

TEST(a_bpf_program_counts_system_calls)
{
	unsigned int key = 0;
	unsigned long long count = 0;
	union bpf_attr map_attributes = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(key),
		.value_size = sizeof(count),
		.max_entries = 1,
	};
	union bpf_attr attach = { .raw_tracepoint.name = (uintptr_t)"sys_enter" };
	union bpf_attr lookup = { 0 };
	int map, point;

	require_safe_changes();
	map = bpf(BPF_MAP_CREATE, &map_attributes);
	if (map < 0 && (errno == ENOSYS || errno == EPERM))
		SKIP("no bpf");
	REQUIRE(map >= 0);
	attach.raw_tracepoint.prog_fd = (unsigned int)load_counter(map);
	REQUIRE((int)attach.raw_tracepoint.prog_fd >= 0);
	point = bpf(BPF_RAW_TRACEPOINT_OPEN, &attach);
	if (point < 0 && errno == ENOENT)
		SKIP("no tracepoints of system calls");
	REQUIRE(point >= 0);
	make_calls();
	REQUIRE(close(point) == 0);

	lookup.map_fd = (unsigned int)map;
	lookup.key = (uintptr_t)&key;
	lookup.value = (uintptr_t)&count;
	REQUIRE(bpf(BPF_MAP_LOOKUP_ELEM, &lookup) == 0);
	REQUIRE(count == 2 * CALLS);
}
