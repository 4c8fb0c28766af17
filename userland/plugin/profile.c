// SPDX-License-Identifier: MIT
/*
 * A QEMU plugin: which functions of the kernel, called by which others, execute
 * how many instructions for a server, while its client asks it something.
 *
 * The machine has one CPU, so what is executed from one switch of tasks to the
 * next is one task's, with the interrupts that come meanwhile. It is the client's
 * if the client's mark is in it, the server's if other instructions of a program
 * are, and otherwise of nobody: the idle task's, or a thread's of the kernel.
 *
 * Who called is known by a stack that is kept beside the machine's: a block that
 * ends with a call pushes, and one that ends with a return pops down to where it
 * leads. A task's is kept while it does not run; it is always taken for the
 * server's, since what others execute is not counted.
 *
 * Arguments: functions=FILE, the addresses of the kernel's functions, one a line, hexadecimal and ascending;
 * switch=ADDRESS, the function that switches tasks; entry=START:END, the code that interrupts and exceptions enter;
 * output=FILE, for a line "server INSTRUCTIONS SEGMENTS" (those of the program itself), lines "event NAME COUNT" of
 * expensive instructions, and lines "ADDRESS;ADDRESS INSTRUCTIONS": functions, outermost first, and what the last of
 * them executed itself.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/marks.h"
#include "calls.h"
#include "events.h"
#include "prefixes.h"
#include "qemu-plugin.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

#define KERNEL_HALF (1ULL << 63)

static const char *output;
static uint64_t switch_address, entry_start, entry_end;

/* The kernel's functions; the program is one, too. */
static uint64_t *functions;
static uint32_t function_count;
#define PROGRAM UINT32_MAX

/* Instructions that are executed one after the other. */
struct block {
	uint64_t address, end;
	uint32_t function;
	enum { OTHER, CALL, RETURN, INTERRUPT_RETURN } last;
};

static const struct block nowhere;
static const struct block *previous = &nowhere;

/* Of all blocks; of those that have their function. */
static uint64_t executed, charged;
static uint64_t program_segment, program_total, server_segments;
static bool counting, client_ran;

/* The last function that begins at or below the address. */
static uint32_t find_function(uint64_t address)
{
	uint32_t low = 0, high = function_count - 1;

	while (low < high) {
		uint32_t middle = (low + high + 1) / 2;

		if (functions[middle] <= address)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static bool is_entry(uint64_t address)
{
	return address >= entry_start && address < entry_end;
}

/* How control came from the previous block to this one. */
static void follow(const struct block *block)
{
	bool in_kernel = block->address & KERNEL_HALF;

	if (!in_kernel) {
		calls_clear();
		calls_push(INTERRUPTED, block->function);
	} else if (!(previous->address & KERNEL_HALF)) {
		calls_push(INTERRUPTED, block->function);
	} else if (previous->last == RETURN && calls_pop(block->address)) {
		calls_replace(block->function);
	} else if (is_entry(block->address) && !is_entry(previous->address)) {
		/* The previous block may not have come to its end. */
		calls_push(INTERRUPTED, block->function);
	} else if (previous->last == CALL) {
		calls_push(previous->end, block->function);
	} else {
		if (previous->last == INTERRUPT_RETURN)
			calls_pop(INTERRUPTED);
		calls_replace(block->function);
	}
}

/* Gives what was executed since then to the function that was the innermost. */
static void charge(void)
{
	uint64_t instructions = executed - charged;

	charged = executed;
	if (!counting)
		return;
	if (calls_innermost() == PROGRAM)
		program_segment += instructions;
	calls_charge(instructions);
}

static void switch_tasks(void)
{
	bool servers = counting && program_segment && !client_ran;

	if (servers) {
		program_total += program_segment;
		server_segments++;
	}
	calls_end_segment(servers);
	events_end_segment(servers);
	program_segment = 0;
	client_ran = false;
}

static void enter_block(unsigned int cpu, void *data)
{
	const struct block *block = data;

	(void)cpu;
	charge();
	follow(block);
	if (block->address == switch_address)
		switch_tasks();
	previous = block;
}

static void mark(unsigned int cpu, void *data)
{
	(void)cpu;
	charge();
	switch ((uintptr_t)data) {
	case MARK_START:
		counting = true;
		break;
	case MARK_STOP:
		counting = false;
		break;
	}
	/* The segment is the client's, whatever was counted of it before. */
	client_ran = true;
}

/* The mark that an instruction of a program is, or 0. */
static uint32_t read_mark(const struct qemu_plugin_insn *insn)
{
	static const uint8_t nop[] = MARK_OPCODE;
	const uint8_t *bytes = qemu_plugin_insn_data(insn);
	uint32_t value;

	if (qemu_plugin_insn_size(insn) != sizeof(nop) + sizeof(value) || memcmp(bytes, nop, sizeof(nop)))
		return 0;
	memcpy(&value, bytes + sizeof(nop), sizeof(value));
	return value == MARK_CLIENT || value == MARK_START || value == MARK_STOP ? value : 0;
}

static int last_of(const struct qemu_plugin_insn *insn)
{
	const uint8_t *bytes = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn), i = 0;

	while (i + 1 < size && is_prefix(bytes[i]))
		i++;
	switch (bytes[i]) {
	case 0xe8:
		return CALL;
	case 0xff:
		return i + 1 < size && (bytes[i + 1] >> 3 & 7) == 2 ? CALL : OTHER;
	case 0xc2:
	case 0xc3:
		return RETURN;
	case 0xcf:
		return INTERRUPT_RETURN;
	default:
		return OTHER;
	}
}

/* Lives as long as QEMU, which may keep what it translated. */
static struct block *describe_block(const struct qemu_plugin_tb *tb)
{
	const struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, qemu_plugin_tb_n_insns(tb) - 1);
	struct block *block = malloc(sizeof(*block));

	if (!block)
		abort();
	block->address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
	block->end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
	block->function = block->address & KERNEL_HALF ? find_function(block->address) : PROGRAM;
	block->last = last_of(last);
	return block;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, enter_block, NO_REGISTERS, describe_block(tb));
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t value = qemu_plugin_insn_vaddr(insn) & KERNEL_HALF ? 0 : read_mark(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &executed, 1);
		events_watch(insn);
		if (value)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, NO_REGISTERS, (void *)(uintptr_t)value);
	}
}

static void write_function(FILE *file, uint32_t function)
{
	if (function == PROGRAM)
		fputs("program", file);
	else
		fprintf(file, "%" PRIx64, functions[function]);
}

static void write_totals(qemu_plugin_id_t id, void *data)
{
	FILE *file = fopen(output, "w");

	(void)id;
	(void)data;
	if (!file) {
		perror(output);
		return;
	}
	fprintf(file, "server %" PRIu64 " %" PRIu64 "\n", program_total, server_segments);
	events_write(file);
	calls_write(file, write_function);
	if (fclose(file))
		perror(output);
}

static bool load_functions(const char *name)
{
	FILE *file = fopen(name, "r");
	size_t capacity = 1 << 16;

	if (!file)
		return false;
	functions = malloc(capacity * sizeof(*functions));
	while (functions && fscanf(file, "%" SCNx64, &functions[function_count]) == 1) {
		if (++function_count == capacity)
			functions = realloc(functions, (capacity *= 2) * sizeof(*functions));
	}
	fclose(file);
	return function_count && functions;
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	const char *names = NULL;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "functions=", 10))
			names = argv[i] + 10;
		else if (!strncmp(argv[i], "output=", 7))
			output = strdup(argv[i] + 7);
		else if (!strncmp(argv[i], "switch=", 7))
			switch_address = strtoull(argv[i] + 7, NULL, 16);
		else if (!strncmp(argv[i], "entry=", 6))
			sscanf(argv[i] + 6, "%" SCNx64 ":%" SCNx64, &entry_start, &entry_end);
	}
	if (!names || !output || !switch_address || !entry_end || !load_functions(names)) {
		fprintf(stderr, "profile: functions=FILE,switch=ADDRESS,entry=START:END,output=FILE\n");
		return -1;
	}
	if (!calls_init())
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, write_totals, NULL);
	return 0;
}
