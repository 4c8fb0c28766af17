/* SPDX-License-Identifier: MIT */
/*
 * Modules: what would be shared libraries elsewhere, linked into the program.
 *
 * Each has a record in the section ukl_modules, made when the program was
 * built (src/app/link-modules.ts) from what the module exports. A symbol of a
 * module is known to that module only, so that many of them may have the
 * same.
 */
#ifndef UKL_MODULES_H
#define UKL_MODULES_H

#include <link.h>
#include <stddef.h>

/* Sorted by name, as strcmp() has it. */
struct ukl_symbol {
	const char *name;
	/* The address; with thread_local the offset from the thread pointer. */
	char *value;
	size_t thread_local;
};

typedef void ukl_init(int argc, char **argv, char **envp);
typedef void ukl_fini(void);

/* What dlopen() returns. glibc's own functions take it for theirs, whose private part they find empty. */
struct ukl_handle {
	struct link_map map;
	char private[4096 - sizeof(struct link_map)];
	const struct ukl_module *module;
	size_t opened;
	int global;
	struct ukl_handle *next; /* in the order in which they were opened first */
};

struct ukl_module {
	const char *name; /* by which it is opened */
	const struct ukl_symbol *symbols, *symbols_end;
	ukl_init *const *init, *const *init_end;
	ukl_fini *const *fini, *const *fini_end;
};

/* glibc's elf/dl-error.c: returns to the innermost _dl_catch_error. Copies the texts. */
void _dl_signal_error(int code, const char *object, const char *occasion, const char *text)
	__attribute__((noreturn));

/* dl-open.c: all that were ever opened, which stay where they are. */
extern struct ukl_handle *_ukl_handles;

#endif
