/* SPDX-License-Identifier: MIT */
/* Instructions whose cost is not that of others: they change the ring, the address space or the order of memory accesses. */
#ifndef EVENTS_H
#define EVENTS_H

#include <stdbool.h>
#include <stdio.h>

#include "qemu-plugin.h"

/* Lets the instruction be counted if it is one of them. */
void events_watch(struct qemu_plugin_insn *insn);

/* What was counted since the last segment's end is the server's, or nobody's. */
void events_end_segment(bool servers);

/* Lines "event NAME COUNT", with all of them. */
void events_write(FILE *file);

#endif
