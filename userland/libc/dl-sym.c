/* SPDX-License-Identifier: MIT */
/* Takes the place of glibc's elf/dl-sym.o in libc.a: looks a symbol up in a module. */

#define _GNU_SOURCE
#include "modules.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *find_symbol(const struct ukl_module *module, const char *name, int *found)
{
	size_t low = 0, high = module->symbols_end - module->symbols;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct ukl_symbol *symbol = &module->symbols[middle];
		int order = strcmp(name, symbol->name);

		if (order == 0) {
			*found = 1;
			return symbol->thread_local
				       ? (char *)__builtin_thread_pointer() + (size_t)symbol->value
				       : symbol->value;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void __attribute__((noreturn)) not_found(const char *object, const char *name)
{
	char text[512];

	snprintf(text, sizeof(text), "undefined symbol: %s", name);
	_dl_signal_error(0, object, NULL, text);
}

/*
 * Behind dlsym, with the lock of dlopen held. The program itself exports
 * nothing: RTLD_DEFAULT finds what was opened with RTLD_GLOBAL.
 */
void *_dl_sym(void *handle, const char *name, void *caller)
{
	struct ukl_handle *entry = _ukl_handles;
	int found = 0;

	(void)caller;
	if (handle == RTLD_NEXT)
		_dl_signal_error(0, NULL, NULL, "RTLD_NEXT has no meaning without shared libraries");
	for (; entry; entry = entry->next) {
		if (handle != RTLD_DEFAULT ? handle != entry : !entry->global)
			continue;

		void *address = find_symbol(entry->module, name, &found);

		if (found)
			return address;
		if (handle == entry)
			not_found(entry->module->name, name);
	}
	if (handle != RTLD_DEFAULT)
		_dl_signal_error(0, NULL, NULL, "invalid handle");
	not_found(NULL, name);
}

/* Behind dlvsym. A symbol of a module has no versions, so it has any. */
void *_dl_vsym(void *handle, const char *name, const char *version, void *caller)
{
	(void)version;
	return _dl_sym(handle, name, caller);
}
