/* SPDX-License-Identifier: MIT */
/* The calls of the task that runs, and what each function executed when it was called so. */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Instead of where a call returns to: an interrupt, a system call, or a task's beginning. */
#define INTERRUPTED 0

bool calls_init(void);

/* Functions are numbers. */
void calls_push(uint64_t back, uint32_t function);

/* Leaves the innermost call that returns there, and says whether there is one. */
bool calls_pop(uint64_t back);

/* The innermost call is another function's: a jump out of it, or the target of an indirect call. */
void calls_replace(uint32_t function);

void calls_clear(void);
uint32_t calls_innermost(void);

/* Instructions of the innermost function, in this segment. */
void calls_charge(uint64_t instructions);

/* A segment ends with a switch to another task. The server's are added up, and those of others are as if they had not been. */
void calls_end_segment(bool servers);

/* A line for each path of functions, outermost first, and what the last of them executed: "FUNCTION;FUNCTION INSTRUCTIONS". */
void calls_write(FILE *file, void (*write_function)(FILE *file, uint32_t function));

#endif
