/* SPDX-License-Identifier: MIT */
/* What may stand before an x86 instruction's opcode and does not change which instruction it is: segments, operands, repetition, REX. */
#ifndef PREFIXES_H
#define PREFIXES_H

#include <stdbool.h>
#include <stdint.h>

static inline bool is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x2e:
	case 0x3e:
	case 0x65:
	case 0x66:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return (byte & 0xf0) == 0x40;
	}
}

#endif
