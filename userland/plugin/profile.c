// SPDX-License-Identifier: MIT
/*
 * A QEMU plugin: which functions of the kernel execute how many instructions
 * for a server, while its client asks it something.
 *
 * The machine has one CPU, so what is executed from one switch of tasks to the
 * next is one task's, with the interrupts that come meanwhile. It is the client's
 * if the client's mark is in it, the server's if other instructions of a program
 * are, and otherwise of nobody: the idle task's, or a thread's of the kernel.
 *
 * Arguments: functions=FILE, the addresses of the kernel's functions, one a line, hexadecimal and ascending;
 * switch=ADDRESS, the function that switches tasks; output=FILE, for lines "server INSTRUCTIONS SEGMENTS" (those of the
 * program itself) and "ADDRESS INSTRUCTIONS", of each function.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/marks.h"

/* What is used of QEMU's interface for plugins, version 1: docs/devel/tcg-plugins. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { NO_REGISTERS };
enum { ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*call)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, void *), void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*call)(unsigned int, void *),
					    int registers, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int operation, void *counter,
						uint64_t operand);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

#define KERNEL_HALF (1ULL << 63)

static const char *output;
static uint64_t switch_address;

/* The kernel's functions; what each executed in this segment, and for the server. */
static uint64_t *functions, *segment, *total;
static size_t function_count;
/* The same for all programs together. */
static uint64_t program_segment, program_total, server_segments;
static bool counting, client_ran;

/* The last function that begins at or below the address. */
static size_t find_function(uint64_t address)
{
	size_t low = 0, high = function_count - 1;

	while (low < high) {
		size_t middle = (low + high + 1) / 2;

		if (functions[middle] <= address)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void end_segment(unsigned int cpu, void *data)
{
	bool servers = counting && program_segment && !client_ran;

	(void)cpu;
	(void)data;
	if (servers) {
		for (size_t i = 0; i < function_count; i++)
			total[i] += segment[i];
		program_total += program_segment;
		server_segments++;
	}
	if (counting)
		memset(segment, 0, function_count * sizeof(*segment));
	program_segment = 0;
	client_ran = false;
}

static void mark(unsigned int cpu, void *data)
{
	(void)cpu;
	/* The segment is the client's, whatever was counted of it before. */
	client_ran = true;
	switch ((uintptr_t)data) {
	case MARK_START:
		counting = true;
		memset(segment, 0, function_count * sizeof(*segment));
		break;
	case MARK_STOP:
		counting = false;
		break;
	}
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

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		uint32_t value;

		if (address & KERNEL_HALF) {
			qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &segment[find_function(address)], 1);
			if (address == switch_address)
				qemu_plugin_register_vcpu_insn_exec_cb(insn, end_segment, NO_REGISTERS, NULL);
			continue;
		}
		qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &program_segment, 1);
		value = read_mark(insn);
		if (value)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, NO_REGISTERS, (void *)(uintptr_t)value);
	}
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
	for (size_t i = 0; i < function_count; i++) {
		if (total[i])
			fprintf(file, "%" PRIx64 " %" PRIu64 "\n", functions[i], total[i]);
	}
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
	segment = calloc(function_count, sizeof(*segment));
	total = calloc(function_count, sizeof(*total));
	return function_count && functions && segment && total;
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
	}
	if (!names || !output || !switch_address || !load_functions(names)) {
		fprintf(stderr, "profile: functions=FILE,switch=ADDRESS,output=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, write_totals, NULL);
	return 0;
}
