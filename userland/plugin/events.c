// SPDX-License-Identifier: MIT
#include "events.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "prefixes.h"

/* Names as the processor's manuals have them. */
enum event { NONE, SYSCALL, SYSRET, SWAPGS, IRETQ, MOV_CR3, WRMSR, VERW, LFENCE, LOCK, EVENTS };
static const char *const names[EVENTS] = {
	[SYSCALL] = "SYSCALL", [SYSRET] = "SYSRET", [SWAPGS] = "SWAPGS", [IRETQ] = "IRETQ", [MOV_CR3] = "MOV-CR3",
	[WRMSR] = "WRMSR", [VERW] = "VERW", [LFENCE] = "LFENCE", [LOCK] = "LOCK",
};

/* Of all tasks; of those at the last segment's end; the server's. */
static uint64_t counts[EVENTS], past[EVENTS], totals[EVENTS];

static enum event find_two_byte_event(const uint8_t *bytes, size_t size)
{
	int operation = size > 1 ? bytes[1] >> 3 & 7 : -1;

	switch (bytes[0]) {
	case 0x05:
		return SYSCALL;
	case 0x07:
		return SYSRET;
	case 0x30:
		return WRMSR;
	case 0x00:
		return operation == 5 ? VERW : NONE;
	case 0x01:
		return size > 1 && bytes[1] == 0xf8 ? SWAPGS : NONE;
	case 0x22:
		return operation == 3 ? MOV_CR3 : NONE;
	case 0xae:
		return size > 1 && bytes[1] == 0xe8 ? LFENCE : NONE;
	default:
		return NONE;
	}
}

static enum event find_event(const uint8_t *bytes, size_t size)
{
	size_t i = 0;

	while (i + 1 < size && is_prefix(bytes[i]))
		i++;
	if (bytes[i] == 0xf0)
		return LOCK;
	if (bytes[i] == 0xcf)
		return IRETQ;
	/* XCHG with memory locks it, too. */
	if ((bytes[i] == 0x86 || bytes[i] == 0x87) && i + 1 < size && bytes[i + 1] >> 6 != 3)
		return LOCK;
	return bytes[i] == 0x0f && i + 1 < size ? find_two_byte_event(&bytes[i + 1], size - i - 1) : NONE;
}

void events_watch(struct qemu_plugin_insn *insn)
{
	enum event event = find_event(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));

	if (event != NONE)
		qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &counts[event], 1);
}

void events_end_segment(bool servers)
{
	for (enum event i = NONE + 1; i < EVENTS; i++) {
		if (servers)
			totals[i] += counts[i] - past[i];
		past[i] = counts[i];
	}
}

void events_write(FILE *file)
{
	for (enum event i = NONE + 1; i < EVENTS; i++)
		fprintf(file, "event %s %" PRIu64 "\n", names[i], totals[i]);
}
