/* SPDX-License-Identifier: MIT */
/* Instructions that do nothing but to tell a plugin of the emulator what the client does: long NOPs with a number. */
#ifndef MARKS_H
#define MARKS_H

/* nopl NUMBER(%rax,%rax,1), up to the number. */
#define MARK_OPCODE { 0x0f, 0x1f, 0x84, 0x00 }

/* The client is running; its measured requests begin; they have ended. */
#define MARK_CLIENT 0x554b4c01
#define MARK_START 0x554b4c02
#define MARK_STOP 0x554b4c03

#define MARK(number) __asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00; .long %c0" : : "i"(number) : "memory")

#endif
